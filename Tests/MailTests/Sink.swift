import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A mail server that misbehaves as it is told, one connection after the other; after the list it accepts.
final class Sink: Sendable {
    enum Behaviour: Sendable {
        case accept
        /// Says this instead of taking the recipient.
        case answer(Int)
        /// Says this after the whole mail.
        case answerAtEnd(Int)
        /// Closes the connection in the middle of the mail.
        case drop
        /// Takes the mail and never says so.
        case silent
        /// Offers STARTTLS or signing in, and then refuses it.
        case offer(String, Int)
    }

    private let behaviours: Mutex<[Behaviour]>
    private let mails = Mutex<[(recipients: [String], data: String)]>([])
    private let lines = Mutex<[String]>([])
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel = Mutex<(any Channel)?>(nil)

    init(_ behaviours: [Behaviour]) { self.behaviours = Mutex(behaviours) }

    /// What was taken, whether the sender heard of it or not.
    var received: [(recipients: [String], data: String)] { self.mails.withLock { $0 } }
    /// Every command of every connection.
    var commands: [String] { self.lines.withLock { $0 } }

    /// - Returns: the port.
    func start() async throws -> Int {
        let channel = try await ServerBootstrap(group: self.group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Conversation(self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.channel.withLock { $0 = channel }
        return channel.localAddress?.port ?? 0
    }

    func stop() async throws {
        try await self.channel.withLock { $0 }?.close().get()
        try await self.group.shutdownGracefully()
    }

    fileprivate func next() -> Behaviour { self.behaviours.withLock { $0.isEmpty ? .accept : $0.removeFirst() } }
    fileprivate func take(_ recipients: [String], _ data: String) {
        self.mails.withLock { $0.append((recipients, data)) }
    }
    fileprivate func note(_ line: String) { self.lines.withLock { $0.append(line) } }
}

private final class Conversation: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let sink: Sink
    private var behaviour = Sink.Behaviour.accept
    private var buffer = ""
    private var isInMail = false
    private var recipients: [String] = []

    init(_ sink: Sink) { self.sink = sink }

    func channelActive(context: ChannelHandlerContext) {
        self.behaviour = self.sink.next()
        self.say("220 sink", context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.buffer += String(buffer: self.unwrapInboundIn(data))
        while true {
            if self.isInMail {
                if case .drop = self.behaviour {
                    context.close(promise: nil)
                    return
                }
                guard let end = self.buffer.firstRange(of: "\r\n.\r\n") else { return }
                let mail = String(self.buffer[..<end.lowerBound]) + "\r\n"
                self.buffer = String(self.buffer[end.upperBound...])
                self.isInMail = false
                self.ended(mail, context)
            } else {
                guard let end = self.buffer.firstRange(of: "\r\n") else { return }
                let line = String(self.buffer[..<end.lowerBound])
                self.buffer = String(self.buffer[end.upperBound...])
                self.sink.note(line)
                self.command(line, context)
            }
        }
    }

    private func ended(_ mail: String, _ context: ChannelHandlerContext) {
        switch self.behaviour {
        case .answerAtEnd(let code): self.say("\(code) no", context)
        case .silent: self.sink.take(self.recipients, mail)
        default:
            self.sink.take(self.recipients, mail)
            self.say("250 taken", context)
        }
    }

    private func command(_ line: String, _ context: ChannelHandlerContext) {
        switch (line.prefix(4).uppercased(), self.behaviour) {
        case ("EHLO", .offer(let word, _)): self.say("250-sink\r\n250 \(word)", context)
        case ("STAR", .offer(_, let code)), ("AUTH", .offer(_, let code)): self.say("\(code) no", context)
        case ("RCPT", .answer(let code)): self.say("\(code) no", context)
        case ("RCPT", _):
            self.recipients.append(line)
            self.say("250 ok", context)
        case ("DATA", _):
            self.isInMail = true
            self.say("354 go", context)
        case ("QUIT", _):
            self.say("221 bye", context)
            context.close(promise: nil)
        default: self.say("250 ok", context)
        }
    }

    private func say(_ line: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: "\(line)\r\n")), promise: nil)
    }
}
