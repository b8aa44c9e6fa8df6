# Third-party packages. What a module may link is named in its own CMakeLists.txt.
find_package(Threads REQUIRED)
find_package(absl REQUIRED)
find_package(Protobuf REQUIRED)
find_package(CURL REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PkgConfig REQUIRED)

# Vendor targets are left out, loudly, where their library is missing.
pkg_check_modules(POCKETSPHINX IMPORTED_TARGET pocketsphinx)
pkg_check_modules(GMIME IMPORTED_TARGET gmime-3.0)
if(GMIME_FOUND)  # its -D_LARGEFILE64_SOURCE says nothing on 64 bits, but no precompiled header fits it
  set_property(TARGET PkgConfig::GMIME PROPERTY INTERFACE_COMPILE_OPTIONS "")
endif()
find_path(FLITE_INCLUDE_DIR flite/flite.h)
find_library(FLITE_LIBRARY flite)
find_path(TOML11_INCLUDE_DIR toml.hpp PATH_SUFFIXES toml11)
find_path(CLI11_INCLUDE_DIR CLI/CLI.hpp)
pkg_check_modules(WEBRTC_AUDIO IMPORTED_TARGET webrtc-audio-processing)

if(DRAGOMAN_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()
if(DRAGOMAN_BUILD_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()
