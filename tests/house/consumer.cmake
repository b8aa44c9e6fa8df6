# An application outside the tree: installs this build into a fresh prefix, configures a small program
# that knows only find_package(dragoman), builds it and runs it.
file(REMOVE_RECURSE ${WORK_DIR})
set(prefix ${WORK_DIR}/prefix)

function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${what} failed with ${status}:\n${text}")
  endif()
  set(text "${text}" PARENT_SCOPE)
endfunction()

run("cmake --install" ${CMAKE_COMMAND} --install ${BINARY_DIR} --prefix ${prefix})
file(GLOB_RECURSE headers RELATIVE ${prefix} ${prefix}/include/*.h)
if(NOT headers)
  message(FATAL_ERROR "no header was installed")
endif()
# What was installed must stand alone: nothing may point back into the tree it came from.
file(GLOB_RECURSE package ${prefix}/lib/cmake/*.cmake ${prefix}/lib/*/cmake/*.cmake)
foreach(file ${package})
  file(READ ${file} text)
  foreach(place ${SOURCE_DIR} ${BINARY_DIR})
    string(REPLACE ${prefix} "" outside "${text}")
    string(FIND "${outside}" "${place}/" at)
    if(NOT at EQUAL -1)
      message(FATAL_ERROR "${file} names ${place}")
    endif()
  endforeach()
endforeach()

set(configure ${CMAKE_COMMAND} -S ${SOURCE_DIR}/tests/house/consumer -G ${GENERATOR}
  -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_BUILD_TYPE=Debug)
run("configuring the consumer" ${configure} -B ${WORK_DIR}/build)
run("building the consumer" ${CMAKE_COMMAND} --build ${WORK_DIR}/build)
run("running the consumer" ${WORK_DIR}/build/consumer)
message("${text}")

# A component that does not exist is an error that names those that do.
execute_process(COMMAND ${configure} -B ${WORK_DIR}/unknown -DCOMPONENT=teleport
  RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
if(status EQUAL 0 OR NOT text MATCHES "no component 'teleport'" OR NOT text MATCHES "core, ")
  message(FATAL_ERROR "an unknown component: expected an error that lists the known ones, got ${status}:\n${text}")
endif()
# And so is a version that this one is not compatible with.
execute_process(COMMAND ${configure} -B ${WORK_DIR}/version -DWANTED_VERSION=99.0
  RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
if(status EQUAL 0 OR NOT text MATCHES "99.0")
  message(FATAL_ERROR "a version from the future was accepted:\n${text}")
endif()
