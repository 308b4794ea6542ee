# aws-models: the service models of the `botocore` package as one file beside the program, which
# tasks that call AWS services read (docs/internals/aws-models.md). Made once, and again only when
# its compiler or the pinned packages change: by the botocore of this machine where that is the one
# that is wanted, and else by one that pip installs under the build folder, which takes a network.
option(GAIT_AWS_MODELS "make the file of AWS service models (needs python3)" ON)
if(NOT GAIT_AWS_MODELS)
  return()
endif()
find_program(PYTHON3 python3)
if(NOT PYTHON3)
  message(FATAL_ERROR "The file of AWS service models takes python3 (tools/install-dependencies). "
    "-DGAIT_AWS_MODELS=OFF builds without it: tasks that call AWS services are then refused.")
endif()
set(GAIT_AWS_MODELS_FILE ${CMAKE_BINARY_DIR}/aws-models)
add_custom_command(OUTPUT ${GAIT_AWS_MODELS_FILE}
  COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/tools/compile-aws-models
    --venv ${CMAKE_BINARY_DIR}/botocore ${GAIT_AWS_MODELS_FILE}
  DEPENDS tools/compile-aws-models tools/aws-models-requirements.txt
  COMMENT "Compiling the AWS service models" VERBATIM)
add_custom_target(aws_models ALL DEPENDS ${GAIT_AWS_MODELS_FILE})
add_dependencies(product aws_models)
install(FILES ${GAIT_AWS_MODELS_FILE} DESTINATION ${CMAKE_INSTALL_DATADIR}/gait)
