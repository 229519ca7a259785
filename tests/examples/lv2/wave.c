/* wave write FILE: a sound in a wave file of floats. wave compare IN OUT: whether OUT is what the network makes of IN. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "drive_model.h"

enum { kSamples = 4800, kRate = 48000, kHeader = 44 };

/* Little-endian machines only, as the wave file is. */
static void put(unsigned char *at, uint32_t value, int bytes) { memcpy(at, &value, (size_t)bytes); }

static int write_wave(const char *path) {
  unsigned char header[kHeader] = "RIFF....WAVEfmt ....................data";
  static float x[kSamples];
  FILE *file = fopen(path, "wb");
  int t, ok;
  if (file == NULL) return 1;
  put(header + 4, kHeader - 8 + sizeof x, 4);
  put(header + 16, 16, 4);
  put(header + 20, 3, 2); /* floats */
  put(header + 22, 1, 2);
  put(header + 24, kRate, 4);
  put(header + 28, kRate * 4, 4);
  put(header + 32, 4, 2);
  put(header + 34, 32, 2);
  put(header + 40, sizeof x, 4);
  for (t = 0; t < kSamples; ++t) x[t] = (float)((t * t / 64 + 13 * t) % 400 - 200) / 400.0f;
  ok = fwrite(header, sizeof header, 1, file) == 1 && fwrite(x, sizeof x, 1, file) == 1;
  return fclose(file) == 0 && ok ? 0 : 1;
}

/* The floats behind the chunk "data". */
static int read_wave(const char *path, float *x) {
  static unsigned char bytes[kSamples * 4 + 4096];
  FILE *file = fopen(path, "rb");
  size_t size, at;
  if (file == NULL) return 0;
  size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  for (at = 12; at + 8 <= size;) {
    uint32_t length;
    memcpy(&length, bytes + at + 4, 4);
    if (memcmp(bytes + at, "data", 4) == 0) {
      if (at + 8 + length > size) length = (uint32_t)(size - at - 8);
      memcpy(x, bytes + at + 8, length < kSamples * 4 ? length : kSamples * 4);
      return (int)(length / 4);
    }
    at += 8 + length;
  }
  return 0;
}

static int compare(const char *in, const char *out) {
  static float x[kSamples], y[kSamples];
  static drive_model_state state;
  const int read_in = read_wave(in, x), read_out = read_wave(out, y);
  float most = 0.0f, loudest = 0.0f;
  int t;
  if (read_in != kSamples || read_out < kSamples) {
    printf("%d samples in, %d out, expected %d\n", read_in, read_out, kSamples);
    return 1;
  }
  drive_model_reset(&state);
  for (t = 0; t < kSamples; ++t) {
    float expected, difference;
    drive_model_step(&state, x + t, &expected);
    difference = expected > y[t] ? expected - y[t] : y[t] - expected;
    if (!(difference <= most)) most = difference;
    if (expected > loudest) loudest = expected;
  }
  printf("largest difference %g, loudest sample %g\n", (double)most, (double)loudest);
  return most < 1e-6f && loudest > 0.2f ? 0 : 1;
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "write") == 0) return write_wave(argv[2]);
  if (argc == 4 && strcmp(argv[1], "compare") == 0) return compare(argv[2], argv[3]);
  return 2;
}
