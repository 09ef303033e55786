// Debian's libgit2 can sign in by Kerberos, whose libraries cannot be linked in and would cost every start of the
// program several milliseconds. It asks for the mechanisms there are before anything else: here there are none.

#include <cstdint>

extern "C" {

using GssResult = std::uint32_t;
constexpr GssResult kUnavailable = GssResult{16} << 16;  // GSS_S_UNAVAILABLE of RFC 2744

extern void* const GSS_C_NT_HOSTBASED_SERVICE;
void* const GSS_C_NT_HOSTBASED_SERVICE = nullptr;

GssResult gss_indicate_mechs(GssResult*, void*) {
  return kUnavailable;
}
GssResult gss_import_name(GssResult*, void*, void*, void*) {
  return kUnavailable;
}
GssResult gss_init_sec_context(GssResult*, void*, void*, void*, void*, std::uint32_t, std::uint32_t, void*, void*,
                               void*, void*, std::uint32_t*, std::uint32_t*) {
  return kUnavailable;
}
GssResult gss_display_status(GssResult*, std::uint32_t, int, void*, std::uint32_t*, void*) {
  return kUnavailable;
}
GssResult gss_delete_sec_context(GssResult*, void*, void*) {
  return 0;
}
GssResult gss_release_buffer(GssResult*, void*) {
  return 0;
}
GssResult gss_release_name(GssResult*, void*) {
  return 0;
}
GssResult gss_release_oid_set(GssResult*, void*) {
  return 0;
}

}  // extern "C"
