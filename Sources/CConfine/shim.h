/* What starting and confining a child process needs from Linux and cannot be said in Swift: functions with variable
   arguments, and file actions that close everything else. */
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/types.h>

/* Declared here: their headers hide them without _GNU_SOURCE, which a module cannot define for its users. */
extern int unshare(int);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);

/* Starts a program with one socket as its input and output, nothing to complain to and nothing else open; signals as a
   fresh program has them. Gives 0 or an error number. */
static inline int cc_spawn(const char *path, char *const arguments[], char *const environment[], int socket, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    if (posix_spawn_file_actions_init(&actions)) return -1;
    if (posix_spawnattr_init(&attributes)) {
        posix_spawn_file_actions_destroy(&actions);
        return -1;
    }
    int failed = posix_spawn_file_actions_adddup2(&actions, socket, 0);
    if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, socket, 1);
    if (!failed) failed = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", 1 /* O_WRONLY */, 0);
    if (!failed) failed = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (!failed) failed = posix_spawnattr_setsigmask(&attributes, &none);
    if (!failed) failed = posix_spawnattr_setsigdefault(&attributes, &all);
    if (!failed) failed = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (!failed) failed = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* Soft and hard alike: it cannot be raised again. */
static inline int cc_limit(int resource, unsigned long value) {
    struct rlimit limit = {value, value};
    return setrlimit((__rlimit_resource_t)resource, &limit);
}

static inline int cc_limit_memory(unsigned long bytes) { return cc_limit(RLIMIT_AS, bytes); }
static inline int cc_limit_processor(unsigned long seconds) { return cc_limit(RLIMIT_CPU, seconds); }
static inline int cc_limit_writing(void) { return cc_limit(RLIMIT_FSIZE, 0); }
static inline int cc_limit_core(void) { return cc_limit(RLIMIT_CORE, 0); }
static inline int cc_limit_opening(void) { return cc_limit(RLIMIT_NOFILE, 0); }

/* Ends with its parent, gains nothing by any program it might start, and its memory is nobody else's to read. */
static inline int cc_settle(void) {
    return prctl(PR_SET_PDEATHSIG, SIGKILL) | prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) | prctl(PR_SET_DUMPABLE, 0);
}

/* A network of its own, with nothing in it; for somebody who is not root only together with a user namespace. */
static inline int cc_leave_network(void) { return unshare(0x10000000 /* NEWUSER */ | 0x40000000 /* NEWNET */); }
