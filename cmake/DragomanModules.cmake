# The house: modules by floor, and the functions that add a module, a test, a fuzzer, a benchmark.

# Floor of each module (docs/architecture.md). A module includes only lower floors, plus itself.
set(DRAGOMAN_FLOOR_core 0)
foreach(module audio conversation transport toml)
  set(DRAGOMAN_FLOOR_${module} 1)
endforeach()
foreach(module speech llm telephony tools store wire net)
  set(DRAGOMAN_FLOOR_${module} 2)
endforeach()
foreach(module memory safety jobs)
  set(DRAGOMAN_FLOOR_${module} 3)
endforeach()
foreach(module agent tasks testing)
  set(DRAGOMAN_FLOOR_${module} 4)
endforeach()
set(DRAGOMAN_FLOOR_providers 4)
set(DRAGOMAN_FLOOR_runtime 5)
foreach(module server lab)
  set(DRAGOMAN_FLOOR_${module} 6)
endforeach()
set(DRAGOMAN_FLOOR_cli 7)
# Generated messages: used by `store` and above, so they stand beside the contracts of floor 1.
set(DRAGOMAN_FLOOR_proto 1)

# Libraries that never appear in a public header.
set(DRAGOMAN_PRIVATE_LIBRARIES
  "curl/|boost/|nlohmann/|sqlite3|google/|[a-z0-9_/]*\\.pb\\.h|openssl/|valijson/|pocketsphinx|sphinxbase|flite/|gmime/|toml|CLI/")
# Modules without public headers, written for other modules: their headers in src/ are for them.
set(DRAGOMAN_PRIVATE_MODULES toml wire net proto)

add_library(dragoman_options INTERFACE)
target_compile_features(dragoman_options INTERFACE cxx_std_20)
target_compile_options(dragoman_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual -Werror>
  # Options are aggregates filled by designated initializers: what is not named keeps its default.
  $<$<COMPILE_LANGUAGE:CXX>:-Wno-missing-field-initializers>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False reports of GCC 12 at -O2 and above: string concatenation that "overlaps" (GCC bug 105651),
  # members inside std::optional and variant that are never read, and inlined std::sort, std::vector
  # and std::copy that "leave" a small array. Clang and AddressSanitizer watch over these.
  target_compile_options(dragoman_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict
    -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread>)
endif()
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # A class that has a member from the unnamed namespace beside it: sources that are compiled together
  # look like a header to the compiler.
  target_compile_options(dragoman_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
endif()
if(DRAGOMAN_SANITIZE)
  target_compile_options(dragoman_options INTERFACE
    -fsanitize=${DRAGOMAN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -gline-tables-only)
  target_link_options(dragoman_options INTERFACE -fsanitize=${DRAGOMAN_SANITIZE})
  target_compile_definitions(dragoman_options INTERFACE DRAGOMAN_SANITIZED=1)
endif()
if(DRAGOMAN_BUILD_FUZZERS)
  target_compile_options(dragoman_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++ 12 calls what it declares deprecated itself (std::stable_sort's buffer).
  target_compile_options(dragoman_options INTERFACE -Wno-deprecated-declarations)
  target_link_options(dragoman_options INTERFACE -fuse-ld=lld)
endif()

function(dragoman_target module out)
  string(REPLACE "/" "_" flat ${module})
  set(${out} dragoman_${flat} PARENT_SCOPE)
endfunction()

# Adds each folder that has a CMakeLists.txt.
function(dragoman_add_folders root)
  foreach(folder ${ARGN})
    if(EXISTS ${PROJECT_SOURCE_DIR}/${root}/${folder}/CMakeLists.txt)
      add_subdirectory(${PROJECT_SOURCE_DIR}/${root}/${folder} ${PROJECT_BINARY_DIR}/${root}/${folder})
    endif()
  endforeach()
endfunction()

function(dragoman_floor module out)
  string(REGEX REPLACE "/.*" "" top ${module})
  if(NOT DEFINED DRAGOMAN_FLOOR_${top})
    message(FATAL_ERROR "module '${module}' has no floor; add it to cmake/DragomanModules.cmake")
  endif()
  set(${out} ${DRAGOMAN_FLOOR_${top}} PARENT_SCOPE)
endfunction()

# Stops the configure step at the first include that climbs: file, line and reason.
function(dragoman_check_includes module file allowed)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(STRINGS ${file} lines REGEX "^[ \t]*#[ \t]*include")
  foreach(line ${lines})
    set(reason "")
    if(line MATCHES "[\"<](dragoman|src)/([a-z0-9_/]*)/[a-z0-9_.]+[\">]")
      set(root ${CMAKE_MATCH_1})
      set(used ${CMAKE_MATCH_2})
      if(used MATCHES "^(testing|lab)$" AND NOT module MATCHES "^(testing|lab|cli)$")
        set(reason "only tests, examples, benchmarks and the lab may include '${used}'")
      elseif(NOT used IN_LIST allowed)
        set(reason "'${module}' may not include '${used}': declare it in DEPENDS if it stands on a lower floor")
      elseif(root STREQUAL "src" AND file MATCHES "/include/dragoman/")
        set(reason "a public header may not include a private one")
      elseif(root STREQUAL "src" AND NOT used STREQUAL module AND NOT used IN_LIST DRAGOMAN_PRIVATE_MODULES)
        set(reason "the private headers of '${used}' are its own; use what stands in include/dragoman/${used}")
      endif()
    elseif(line MATCHES "[\"<]\\.\\.?/")
      set(reason "a relative include hides the module it climbs to; write dragoman/... or src/...")
    elseif(file MATCHES "/include/dragoman/" AND line MATCHES "[\"<](${DRAGOMAN_PRIVATE_LIBRARIES})")
      set(reason "a public header may not include a third-party library other than Abseil")
    endif()
    if(reason)
      file(READ ${file} text)
      string(FIND "${text}" "${line}" at)
      string(SUBSTRING "${text}" 0 ${at} before)
      string(REGEX MATCHALL "\n" newlines "${before}")
      list(LENGTH newlines number)
      math(EXPR number "${number} + 1")
      # Not FATAL_ERROR with the text alone: CMake re-wraps what does not begin with a space.
      message(FATAL_ERROR " ${file}:${number}: ${line}\n ${reason}")
    endif()
  endforeach()
endfunction()

# dragoman_add_module(speech HEADERS a.h SOURCES a.cc DEPENDS core audio LINKS absl::statusor)
#   HEADERS  public, in include/dragoman/<module>/
#   SOURCES  in src/<module>/, where private headers live too
#   DEPENDS  modules declared earlier on lower floors (public dependencies)
#   LINKS    third-party targets; PRIVATE_LINKS those that only the sources see
#   COLD     nobody waits for it: compiled to be there soon, not to be fast
function(dragoman_add_module module)
  cmake_parse_arguments(arg "COLD" "" "HEADERS;SOURCES;DEPENDS;LINKS;PRIVATE_LINKS" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "dragoman_add_module(${module}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  dragoman_target(${module} target)
  dragoman_floor(${module} floor)
  set(allowed ${module})
  set(links)
  foreach(dependency ${arg_DEPENDS})
    dragoman_target(${dependency} dependency_target)
    dragoman_floor(${dependency} dependency_floor)
    if(NOT TARGET ${dependency_target})
      message(FATAL_ERROR "dragoman_add_module(${module}): '${dependency}' is not declared before it")
    endif()
    # runtime composes providers; the server, lab and cli compose each other's public faces below 7.
    if(NOT dependency_floor LESS floor)
      message(FATAL_ERROR "dragoman_add_module(${module}): '${dependency}' stands on floor "
        "${dependency_floor}, '${module}' on ${floor}; only lower floors may be used")
    endif()
    get_property(inherited GLOBAL PROPERTY DRAGOMAN_ALLOWED_${dependency})
    list(APPEND allowed ${dependency} ${inherited})
    list(APPEND links ${dependency_target})
  endforeach()
  list(REMOVE_DUPLICATES allowed)
  set_property(GLOBAL PROPERTY DRAGOMAN_ALLOWED_${module} ${allowed})
  # A library of headers that only our sources see is no matter of whoever links the installed module.
  list(TRANSFORM arg_PRIVATE_LINKS REPLACE "^((nlohmann_json|Boost|ValiJSON|toml11|CLI11)::.*)$" "$<BUILD_INTERFACE:\\1>")
  set_property(GLOBAL PROPERTY DRAGOMAN_DEPENDS_${module} ${arg_DEPENDS})
  set_property(GLOBAL PROPERTY DRAGOMAN_LINKS_${module} ${arg_LINKS} ${arg_PRIVATE_LINKS})

  set(headers)
  foreach(header ${arg_HEADERS})
    list(APPEND headers ${PROJECT_SOURCE_DIR}/include/dragoman/${module}/${header})
  endforeach()
  file(GLOB own CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/include/dragoman/${module}/*.h
    ${PROJECT_SOURCE_DIR}/src/${module}/*.h ${PROJECT_SOURCE_DIR}/src/${module}/*.cc)
  foreach(file ${own})
    dragoman_check_includes(${module} ${file} "${allowed}")
  endforeach()

  if(arg_SOURCES)
    add_library(${target} ${arg_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:dragoman_options> ${arg_PRIVATE_LINKS})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  string(REPLACE "/" "_" flat ${module})
  add_library(dragoman::${flat} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${flat})
  target_include_directories(${target} ${scope}
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
  if(arg_SOURCES)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  endif()
  target_compile_features(${target} ${scope} cxx_std_20)
  target_link_libraries(${target} ${scope} ${links} ${arg_LINKS})
  set_property(GLOBAL APPEND PROPERTY DRAGOMAN_MODULES ${module})
  if(arg_SOURCES AND DRAGOMAN_CHECK_HEADERS)
    set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  elseif(arg_SOURCES)
    dragoman_precompile(${target} module)
  endif()
  if(arg_SOURCES AND arg_COLD)
    dragoman_compile_soon(${target})
  endif()

  # A header that a source begins with is compiled alone there.
  if(DRAGOMAN_CHECK_HEADERS AND headers)
    set(first)
    foreach(source ${arg_SOURCES})
      file(STRINGS ${source} line REGEX "^#include" LIMIT_COUNT 1)
      list(APPEND first ${line})
    endforeach()
    set(alone)
    foreach(header ${headers})
      get_filename_component(name ${header} NAME_WE)
      if("#include \"dragoman/${module}/${name}.h\"" IN_LIST first)
        continue()
      endif()
      set(file ${CMAKE_CURRENT_BINARY_DIR}/alone/${name}.cc)
      if(NOT EXISTS ${file})
        file(WRITE ${file} "#include \"dragoman/${module}/${name}.h\"  // twice: the guard\n#include \"dragoman/${module}/${name}.h\"\n")
      endif()
      list(APPEND alone ${file})
    endforeach()
    if(alone)
      add_library(${target}_headers OBJECT ${alone})
      set_target_properties(${target}_headers PROPERTIES UNITY_BUILD OFF)
      target_compile_options(${target}_headers PRIVATE -O0)
      target_link_libraries(${target}_headers PRIVATE ${target} dragoman_options)
    endif()
  endif()
endfunction()

# Code that nobody waits for. Half of the time of an optimised build goes into inlining JSON, TOML and
# command lines.
function(dragoman_compile_soon target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# --- Precompiled headers ---
# Half of a build is parsing the same thirty headers. In our own tree they are parsed once for the
# modules and once, with GoogleTest, for the tests; whoever embeds us gets none of it. A build that checks
# headers (`asan-ubsan`) compiles the modules without, and each source by itself, so that each begins with
# a header alone. The presets that build everything (`release`, `asan-ubsan`, `tsan`) also compile the
# sources of a folder eight at a time (CMAKE_UNITY_BUILD): what a folder's sources keep to themselves
# has different names.
option(DRAGOMAN_PRECOMPILE "Parse the headers that everything includes once" ${PROJECT_IS_TOP_LEVEL})

function(dragoman_precompile target kind)
  if(NOT DRAGOMAN_PRECOMPILE)
    return()
  endif()
  if(NOT TARGET dragoman_${kind}_headers)
    set(source ${PROJECT_BINARY_DIR}/${kind}_headers.cc)
    if(NOT EXISTS ${source})
      file(WRITE ${source} "int main() {}\n")
    endif()
    if(kind STREQUAL "test")  # position independence differs between a program and a library
      add_executable(dragoman_test_headers ${source})
    else()
      add_library(dragoman_${kind}_headers OBJECT ${source})
    endif()
    target_link_libraries(dragoman_${kind}_headers PRIVATE dragoman_options absl::status absl::statusor absl::strings)
    set(headers <algorithm> <array> <chrono> <cstddef> <cstdint> <deque> <functional> <map> <memory> <optional> <set>
      <span> <string> <string_view> <utility> <variant> <vector> <absl/status/status.h> <absl/status/statusor.h>)
    if(kind STREQUAL "module")
      list(APPEND headers <absl/functional/any_invocable.h> <nlohmann/json.hpp>)
    endif()
    if(kind STREQUAL "test")
      target_link_libraries(dragoman_test_headers PRIVATE dragoman_test_options GTest::gmock)
      list(APPEND headers <gmock/gmock.h> <gtest/gtest.h>)
    endif()
    target_precompile_headers(dragoman_${kind}_headers PRIVATE ${headers})
  endif()
  target_precompile_headers(${target} REUSE_FROM dragoman_${kind}_headers)
endfunction()

# What scripts/test calls this build; every test carries it as a label, and the tests of a sanitized
# build have it before their name, because one ctest runs the tests of all builds.
if(DRAGOMAN_SANITIZE MATCHES "thread")
  set(DRAGOMAN_PART tsan)
elseif(DRAGOMAN_SANITIZE)
  set(DRAGOMAN_PART asan-ubsan)
else()
  set(DRAGOMAN_PART release)
endif()
set(DRAGOMAN_TEST_PREFIX "")
if(DRAGOMAN_SANITIZE)
  set(DRAGOMAN_TEST_PREFIX "${DRAGOMAN_PART}/")
endif()
add_custom_target(threads_tests COMMENT "The tests labelled threads")

# Test code is compiled as fast as can be: what it tests is optimised, it is not.
add_library(dragoman_test_options INTERFACE)
target_compile_options(dragoman_test_options INTERFACE -O0)

# dragoman_add_test(speech SOURCES a_test.cc LINKS dragoman_speech [NAME x] [LABELS threads] [TIMEOUT 300] [SERIAL] [NEEDS dragoman])
#   LABELS   `threads`: also built and run under ThreadSanitizer; `unsanitized`: release only
#   DEFINES  preprocessor definitions
#   NEEDS    programs that it starts
#   SERIAL   nothing runs beside it: for tests against the real clock
#   TIMEOUT  seconds on the slowest machine; what may take longest begins first
# One executable per folder, which is one ctest entry: a process per case costs more than the cases.
function(dragoman_add_test module)
  cmake_parse_arguments(arg "SERIAL" "NAME;TIMEOUT" "SOURCES;LINKS;LABELS;ARGS;ENVIRONMENT;DEFINES;NEEDS" ${ARGN})
  if((DRAGOMAN_PART STREQUAL "tsan" AND NOT "threads" IN_LIST arg_LABELS) OR
     (DRAGOMAN_SANITIZE AND "unsanitized" IN_LIST arg_LABELS))
    return()
  endif()
  string(REPLACE "/" "_" flat ${module})
  if(arg_NAME)
    set(flat ${flat}_${arg_NAME})
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set(target ${flat}_test)
  add_executable(${target} ${arg_SOURCES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE ${arg_LINKS} dragoman_testing dragoman_options
    dragoman_test_options GTest::gmock GTest::gtest_main)
  dragoman_precompile(${target} test)
  target_compile_definitions(${target} PRIVATE
    DRAGOMAN_SOURCE_DIR="${PROJECT_SOURCE_DIR}" DRAGOMAN_BINARY_DIR="${PROJECT_BINARY_DIR}" ${arg_DEFINES})
  add_test(NAME ${DRAGOMAN_TEST_PREFIX}${flat} COMMAND ${target} --gtest_brief=1 ${arg_ARGS})
  set_tests_properties(${DRAGOMAN_TEST_PREFIX}${flat} PROPERTIES TIMEOUT ${arg_TIMEOUT} COST ${arg_TIMEOUT}
    LABELS "${DRAGOMAN_PART};${arg_LABELS}" ENVIRONMENT "${arg_ENVIRONMENT}" RUN_SERIAL "${arg_SERIAL}")
  if(arg_NEEDS)
    add_dependencies(${target} ${arg_NEEDS})
  endif()
  if("threads" IN_LIST arg_LABELS)
    add_dependencies(threads_tests ${target})
  endif()
endfunction()

# dragoman_add_fuzzer(wav SOURCES wav_fuzzer.cc LINKS dragoman_audio CORPUS tests/fuzz/corpus/wav)
# ctest runs it for DRAGOMAN_FUZZ_SECONDS (10 by default) from its seed corpus.
set(DRAGOMAN_FUZZ_SECONDS 10 CACHE STRING "Seconds that ctest runs each fuzzer")
function(dragoman_add_fuzzer name)
  cmake_parse_arguments(arg "" "CORPUS;MAX_LEN" "SOURCES;LINKS" ${ARGN})
  if(NOT DRAGOMAN_BUILD_FUZZERS)
    return()
  endif()
  if(NOT arg_MAX_LEN)
    set(arg_MAX_LEN 8192)
  endif()
  set(target ${name}_fuzzer)
  add_executable(${target} ${arg_SOURCES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE ${arg_LINKS} dragoman_options)
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  set(work ${CMAKE_CURRENT_BINARY_DIR}/${name}_corpus)
  file(MAKE_DIRECTORY ${work})
  add_test(NAME ${DRAGOMAN_TEST_PREFIX}fuzz_${name} COMMAND ${target} -max_total_time=${DRAGOMAN_FUZZ_SECONDS}
    -max_len=${arg_MAX_LEN} -timeout=5 -rss_limit_mb=2048 -print_final_stats=1 ${work} ${PROJECT_SOURCE_DIR}/${arg_CORPUS})
  math(EXPR timeout "${DRAGOMAN_FUZZ_SECONDS} + 120")
  set_tests_properties(${DRAGOMAN_TEST_PREFIX}fuzz_${name} PROPERTIES LABELS "${DRAGOMAN_PART};fuzz" TIMEOUT ${timeout})
endfunction()

# dragoman_add_benchmark(audio SOURCES codec_benchmark.cc LINKS dragoman_audio [NAME codec] [PLAIN])
# PLAIN: a program with its own main() instead of Google Benchmark's.
function(dragoman_add_benchmark module)
  cmake_parse_arguments(arg "PLAIN" "NAME" "SOURCES;LINKS" ${ARGN})
  string(REPLACE "/" "_" flat ${module})
  if(arg_NAME)
    set(flat ${flat}_${arg_NAME})
  endif()
  add_executable(${flat}_benchmark ${arg_SOURCES})
  target_include_directories(${flat}_benchmark PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${flat}_benchmark PRIVATE ${arg_LINKS} dragoman_options)
  if(NOT arg_PLAIN)
    target_link_libraries(${flat}_benchmark PRIVATE benchmark::benchmark benchmark::benchmark_main)
  endif()
endfunction()
