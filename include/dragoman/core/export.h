// Marks what the library exports.
#ifndef DRAGOMAN_CORE_EXPORT_H_
#define DRAGOMAN_CORE_EXPORT_H_

#define DRAGOMAN_EXPORT __attribute__((visibility("default")))

#endif  // DRAGOMAN_CORE_EXPORT_H_
