# The floor rule, on tiny trees written here: each broken one must stop the configure step with the
# file, the line and the reason; the sound one must configure.
file(REMOVE_RECURSE ${WORK_DIR})
set(failures 0)

# A tree of three header-only modules on floors 0, 1 and 2, before a test breaks it.
function(lay_tree name)
  set(tree ${WORK_DIR}/${name})
  file(WRITE ${tree}/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)
project(tiny LANGUAGES NONE)
list(APPEND CMAKE_MODULE_PATH \"${SOURCE_DIR}/cmake\")
include(DragomanModules)
dragoman_add_folders(src core audio speech telephony testing providers/flite providers/openai)
")
  file(WRITE ${tree}/src/core/CMakeLists.txt "dragoman_add_module(core HEADERS a.h)\n")
  file(WRITE ${tree}/include/dragoman/core/a.h "#include <string>\n")
  file(WRITE ${tree}/src/audio/CMakeLists.txt "dragoman_add_module(audio HEADERS b.h DEPENDS core)\n")
  file(WRITE ${tree}/include/dragoman/audio/b.h "#include <string>\n\n#include \"dragoman/core/a.h\"\n")
  file(WRITE ${tree}/src/speech/CMakeLists.txt "dragoman_add_module(speech HEADERS c.h DEPENDS audio)\n")
  file(WRITE ${tree}/include/dragoman/speech/c.h "#include \"dragoman/audio/b.h\"\n#include \"dragoman/core/a.h\"\n")
  set(tree ${tree} PARENT_SCOPE)
endfunction()

function(configure out_status out_text)
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${tree} -B ${tree}/build
    RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
  set(${out_status} ${status} PARENT_SCOPE)
  set(${out_text} "${text}" PARENT_SCOPE)
endfunction()

# expect_refused(what WORDS...): the configure step fails and its message holds each of the words.
function(expect_refused what)
  configure(status text)
  if(status EQUAL 0)
    message("FAILED: ${what}: the configure step did not stop")
    math(EXPR failures "${failures} + 1")
  endif()
  string(REGEX REPLACE "[ \n]+" " " text "${text}")  # CMake wraps long messages
  foreach(words ${ARGN})
    string(FIND "${text}" "${words}" at)
    if(at EQUAL -1)
      message("FAILED: ${what}: expected '${words}' in:\n${text}")
      math(EXPR failures "${failures} + 1")
    endif()
  endforeach()
  message("${what}: done")
  set(failures ${failures} PARENT_SCOPE)
endfunction()

lay_tree(sound)
configure(status text)
if(NOT status EQUAL 0)
  message("FAILED: a sound tree must configure:\n${text}")
  math(EXPR failures "${failures} + 1")
endif()

lay_tree(header_climbs)
file(WRITE ${tree}/include/dragoman/audio/b.h "#include <string>\n\n#include \"dragoman/speech/c.h\"\n")
expect_refused("a public header that includes a higher floor"
  "include/dragoman/audio/b.h:3:" "dragoman/speech/c.h" "'audio' may not include 'speech'")

lay_tree(source_climbs)
file(WRITE ${tree}/src/audio/b.cc "#include <dragoman/speech/c.h>\n")
expect_refused("a source that includes a higher floor, in angle brackets"
  "src/audio/b.cc:1:" "'audio' may not include 'speech'")

lay_tree(undeclared)
file(WRITE ${tree}/src/speech/CMakeLists.txt "dragoman_add_module(speech HEADERS c.h DEPENDS core)\n")
expect_refused("a lower floor that is used but not declared"
  "include/dragoman/speech/c.h:1:" "'speech' may not include 'audio'" "declare it in DEPENDS")

lay_tree(declared_climb)
file(WRITE ${tree}/src/telephony/CMakeLists.txt "dragoman_add_module(telephony DEPENDS speech)\n")
expect_refused("a declared dependency on the same floor"
  "'speech' stands on floor 2, 'telephony' on 2" "only lower floors")

lay_tree(cycle)
file(WRITE ${tree}/src/core/CMakeLists.txt "dragoman_add_module(core HEADERS a.h DEPENDS audio)\n")
expect_refused("a dependency declared later" "dragoman_add_module(core): 'audio' is not declared before it")

lay_tree(two_vendors)
file(WRITE ${tree}/src/providers/flite/CMakeLists.txt "dragoman_add_module(providers/flite DEPENDS core)\n")
file(WRITE ${tree}/src/providers/openai/CMakeLists.txt
  "dragoman_add_module(providers/openai DEPENDS providers/flite)\n")
expect_refused("a vendor that depends on another vendor" "only lower floors")

lay_tree(json_in_public)
file(APPEND ${tree}/include/dragoman/core/a.h "#include \"nlohmann/json.hpp\"\n")
expect_refused("a public header that includes a JSON library"
  "include/dragoman/core/a.h:2:" "may not include a third-party library")

lay_tree(generated_in_public)
file(APPEND ${tree}/include/dragoman/core/a.h "\n  #  include <dragoman/v1/call.pb.h>\n")
expect_refused("a public header that includes a generated type" "include/dragoman/core/a.h:3:")

lay_tree(relative)
file(WRITE ${tree}/src/audio/b.cc "\n#include \"../speech/c.h\"\n")
expect_refused("a relative include" "src/audio/b.cc:2:" "relative include")

lay_tree(private_in_public)
file(WRITE ${tree}/src/core/p.h "\n")
file(APPEND ${tree}/include/dragoman/core/a.h "#include \"src/core/p.h\"\n")
expect_refused("a public header that includes a private one"
  "include/dragoman/core/a.h:2:" "may not include a private one")

lay_tree(foreign_private)
file(WRITE ${tree}/src/core/p.h "\n")
file(WRITE ${tree}/src/audio/b.cc "#include \"src/core/p.h\"\n")
expect_refused("another module's private header" "src/audio/b.cc:1:" "are its own")

lay_tree(fakes)
file(WRITE ${tree}/src/audio/b.cc "#include \"dragoman/testing/t.h\"\n")
expect_refused("a fake in production code" "src/audio/b.cc:1:" "only tests, examples, benchmarks")

lay_tree(no_floor)
file(WRITE ${tree}/src/core/CMakeLists.txt "dragoman_add_module(attic)\n")
expect_refused("a module without a floor" "'attic' has no floor")

if(failures)
  message(FATAL_ERROR "${failures} expectations failed")
endif()
