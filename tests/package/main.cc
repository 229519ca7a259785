// Uses an installed Recur: a header, a symbol of the library and an error that crosses its border.
#include <cstdio>
#include <cstring>

#include "recur/base/error.h"
#include "recur/base/version.h"

int main(int argc, char** argv) {
  if (argc != 2 || std::strcmp(recur::version(), argv[1]) != 0) return 1;
  try {
    recur::fail("expected {}", 1);
  } catch (const recur::Error& error) {
    return std::strcmp(error.what(), "expected 1") == 0 ? 0 : 2;
  }
  return 3;
}
