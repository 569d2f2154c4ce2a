#include <curl/curl.h>

// Swift does not see functions with a variable number of arguments.
static inline CURLcode curl_set_number(CURL *curl, CURLoption option, long value) {
    return curl_easy_setopt(curl, option, value);
}
static inline CURLcode curl_set_text(CURL *curl, CURLoption option, const char *value) {
    return curl_easy_setopt(curl, option, value);
}
static inline CURLcode curl_set_list(CURL *curl, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(curl, option, value);
}
static inline CURLcode curl_set_reader(
    CURL *curl, size_t (*read)(char *buffer, size_t size, size_t count, void *context), void *context) {
    CURLcode code = curl_easy_setopt(curl, CURLOPT_READFUNCTION, read);
    return code ? code : curl_easy_setopt(curl, CURLOPT_READDATA, context);
}
// What the server says is neither kept nor printed.
static size_t curl_drop(char *buffer, size_t size, size_t count, void *context) {
    (void)buffer; (void)context;
    return size * count;
}
static inline CURLcode curl_set_deaf(CURL *curl) {
    CURLcode code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, curl_drop);
    return code ? code : curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, curl_drop);
}
static inline long curl_answer(CURL *curl) {
    long code = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    return code;
}
// Swift does not see this macro with its cast.
static const long CURL_USE_TLS_OR_FAIL = CURLUSESSL_ALL;
static const long CURL_TLS_1_2 = CURL_SSLVERSION_TLSv1_2;
