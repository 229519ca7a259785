/* The least that a program needs on a Cortex-M4F: vectors, memory, floating point, and a debugger's console.
 *
 * As QEMU's machine mps2-an386 has it (ARM's application note AN386): 4 MB for code at 0, 4 MB for data at 0x20000000, a
 * clock of 25 MHz. On another board the addresses in mps2_an386.ld change, and instead of semihosting, which needs a
 * debugger, the text goes to its serial port. */
#include "board.h"

#include <stddef.h>

extern uint32_t data_load[], data_begin[], data_end[], bss_begin[], bss_end[], stack_top[];
int main(void);

#define SYSTICK_CONTROL (*(volatile uint32_t *)0xE000E010u)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xE000E014u)
#define SYSTICK_VALUE (*(volatile uint32_t *)0xE000E018u)
#define COPROCESSORS (*(volatile uint32_t *)0xE000ED88u)

/* Semihosting (ARM's specification 2.0): the operation in r0, its argument in r1. */
enum { kWrite0 = 0x04, kExitExtended = 0x20, kApplicationExit = 0x20026 };
static uint32_t semihosting(uint32_t operation, const void *argument) {
  register uint32_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

static void end(uint32_t code) {
  const uint32_t reason[2] = {kApplicationExit, code};
  for (;;) semihosting(kExitExtended, reason);
}

void board_print(const char *text) { semihosting(kWrite0, text); }

/* Under qemu -icount shift=0 an instruction takes 1 ns, and a tick of the 25 MHz of SysTick is 40 of them. The clock goes
 * round after 2^24 ticks, 671 million instructions. */
enum { kInstructionsPerTick = 40, kLargest = 0xFFFFFF };
void board_start_clock(void) {
  SYSTICK_CONTROL = 0;
  SYSTICK_RELOAD = kLargest;
  SYSTICK_VALUE = 0;
  SYSTICK_CONTROL = 5; /* the processor's clock, no interrupt */
  while (SYSTICK_VALUE == 0) {
  }
}
uint32_t board_instructions(void) { return (kLargest - SYSTICK_VALUE) * kInstructionsPerTick; }

/* What a compiler may call by itself. */
void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
  unsigned char *t = to;
  const unsigned char *f = from;
  while (bytes-- > 0) *t++ = *f++;
  return to;
}
void *memset(void *to, int value, size_t bytes) {
  unsigned char *t = to;
  while (bytes-- > 0) *t++ = (unsigned char)value;
  return to;
}

void reset(void);
void reset(void) {
  const uint32_t *from = data_load;
  uint32_t *to;
  COPROCESSORS |= 0xFu << 20; /* floating point, before the first instruction of it */
  __asm__ volatile("dsb\n isb" ::: "memory");
  for (to = data_begin; to < data_end;) *to++ = *from++;
  for (to = bss_begin; to < bss_end;) *to++ = 0;
  end((uint32_t)main());
}

static void fault(void) {
  board_print("fault\n");
  end(1);
}

typedef void (*Vector)(void);
__attribute__((section(".vectors"), used)) static const Vector kVectors[] = {
    (Vector)stack_top, reset, fault, fault, fault, fault, fault};
