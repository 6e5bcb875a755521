# How the OpenSSL shim that comes with the runtime is compiled; eng/native/publish.sh sets OPENSSL_FOLDER, and the two
# variables that a program for another processor needs.
set(OPENSSL_INCLUDE_DIR "$ENV{OPENSSL_FOLDER}/include" CACHE PATH "")
set(OPENSSL_CRYPTO_LIBRARY "$ENV{OPENSSL_FOLDER}/lib/libcrypto.a" CACHE FILEPATH "")
set(OPENSSL_SSL_LIBRARY "$ENV{OPENSSL_FOLDER}/lib/libssl.a" CACHE FILEPATH "")
if(DEFINED ENV{TARGET_SYSROOT})
  string(REGEX MATCH "^[^-]+" CMAKE_SYSTEM_PROCESSOR "$ENV{TARGET_TRIPLE}")
  set(CMAKE_SYSTEM_NAME Linux)
  set(CMAKE_SYSROOT "$ENV{TARGET_SYSROOT}")
  set(CMAKE_C_COMPILER clang)
  set(CMAKE_C_COMPILER_TARGET "$ENV{TARGET_TRIPLE}")
  set(CMAKE_LIBRARY_ARCHITECTURE "$ENV{TARGET_TRIPLE}")
  set(CMAKE_EXE_LINKER_FLAGS_INIT -fuse-ld=lld)
  set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
  set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
  set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
endif()
# Its build script defines a variable that its CMakeLists.txt never reads; read here, it causes no warning.
set(unused "${CLR_CMAKE_TARGET_UNIX}")
