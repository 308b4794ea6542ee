# The web console: built by npm from console/, packed, and linked into the program. Without npm the
# program is built without it.
option(GAIT_CONSOLE "build the web console into the program (needs node and npm)" ON)

if(TARGET gait_console)
  set(console_built OFF)
  if(GAIT_CONSOLE AND EXISTS ${CMAKE_SOURCE_DIR}/console/package-lock.json)
    find_program(NODE node)
    find_program(NPM npm)
    if(NODE AND NPM)
      set(console_built ON)
    else()
      message(WARNING "The console is left out: node or npm is missing (apt-get install nodejs npm)")
    endif()
  endif()
  set(files_source ${CMAKE_BINARY_DIR}/console/files.c)
  if(console_built)
    file(GLOB_RECURSE console_sources CONFIGURE_DEPENDS
      ${CMAKE_SOURCE_DIR}/console/src/* ${CMAKE_SOURCE_DIR}/console/public/*)
    set(console_page ${CMAKE_SOURCE_DIR}/console/dist/index.html)
    add_custom_command(OUTPUT ${console_page}
      COMMAND ${CMAKE_SOURCE_DIR}/console/tools/build
      DEPENDS ${console_sources} console/index.html console/vite.config.ts console/package-lock.json
        console/tools/build
      COMMENT "Building the console" VERBATIM)
    add_custom_command(OUTPUT ${files_source}
      COMMAND ${NODE} ${CMAKE_SOURCE_DIR}/console/tools/pack.mjs ${CMAKE_SOURCE_DIR}/console/dist
        ${CMAKE_BINARY_DIR}/console
      DEPENDS ${console_page} console/tools/pack.mjs
      COMMENT "Packing the console" VERBATIM)
  else()
    file(WRITE ${files_source} "#include \"console/files.h\"

const console_file *console_files(size_t *ret_count)
{
    *ret_count = 0;
    return NULL;
}
")
  endif()
  target_sources(gait_console PRIVATE ${files_source})
endif()
