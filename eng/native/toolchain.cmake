# How the OpenSSL shim that comes with the runtime is compiled.
# Its build script defines a variable that its CMakeLists.txt never reads; read here, it causes no warning.
set(unused "${CLR_CMAKE_TARGET_UNIX}")
