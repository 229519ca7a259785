/* Runs a model that recur export has written as model.c and model.h: its own test, a few steps whose outputs are shown to
 * the bit, and how many instructions a step takes. */
#include "board.h"
#include "model.h"

static model_state state;
static float output[MODEL_OUTPUTS];

static void print_number(const char *name, uint32_t value) {
  char digits[12];
  int32_t at = 11;
  digits[at] = '\0';
  do {
    digits[--at] = (char)('0' + value % 10u);
    value /= 10u;
  } while (value > 0u);
  board_print(name);
  board_print(" ");
  board_print(digits + at);
  board_print("\n");
}

static void print_bits(float value) {
  static const char kDigits[] = "0123456789abcdef";
  union { float value; uint32_t bits; } number;
  char text[10];
  int32_t i;
  number.value = value;
  for (i = 0; i < 8; ++i) text[i] = kDigits[(number.bits >> (28 - 4 * i)) & 15u];
  text[8] = '\n';
  text[9] = '\0';
  board_print(text);
}

static void step(int32_t t) {
#ifdef MODEL_SYMBOLS
  model_step(&state, (7 * t + 3) % MODEL_SYMBOLS, output);
#else
  float input[MODEL_INPUTS];
  int32_t i;
  for (i = 0; i < MODEL_INPUTS; ++i) input[i] = (float)((t * 37 + i * 11) % 64 - 32) / 32.0f;
  model_step(&state, input, output);
#endif
}

int main(void) {
  enum { kShown = 20, kCounted = 100 };
  int32_t t, i;
  uint32_t idle, busy;
  board_print("outputs\n");
  model_reset(&state);
  for (t = 0; t < kShown; ++t) {
    step(t);
    for (i = 0; i < MODEL_OUTPUTS; ++i) print_bits(output[i]);
  }
  board_print("measured\n");
  /* In units of 1e-9; from 4 on it is no small difference. */
  {
    const float difference = model_self_test(&state);
    print_number("self_test_1e-9", difference < 4.0f ? (uint32_t)(difference * 1e9f) : 4000000000u);
  }
  board_start_clock();
  idle = board_instructions();
  idle = board_instructions() - idle;
  board_start_clock();
  busy = board_instructions();
  for (t = 0; t < kCounted; ++t) step(t);
  busy = board_instructions() - busy - idle;
  print_number("instructions", busy / kCounted);
  print_number("macs", MODEL_MACS);
  print_number("weights", MODEL_FLASH_BYTES);
  print_number("state", MODEL_RAM_BYTES);
  return 0;
}
