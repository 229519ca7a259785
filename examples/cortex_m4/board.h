/* What main.c needs of the machine that it runs on: board.c of a Cortex-M4F, host.c of any other. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

void board_start_clock(void);
/* Instructions since board_start_clock(), to 40; 0 where nothing counts them. */
uint32_t board_instructions(void);
void board_print(const char* text);

#endif
