# cmake --install: headers, libraries, and a package that find_package(dragoman) reads.
