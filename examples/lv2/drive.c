/* An effect for LV2 hosts: mono in, mono out, each sample a step of the network in drive_model.c, which recur export has
 * written. It allocates nothing while it runs. */
#include <lv2/core/lv2.h>
#include <stdlib.h>

#include "drive_model.h"

enum { kIn = 0, kOut = 1 };

typedef struct {
  const float *in;
  float *out;
  drive_model_state state;
} Drive;

static LV2_Handle instantiate(const LV2_Descriptor *descriptor, double rate, const char *bundle,
                              const LV2_Feature *const *features) {
  (void)descriptor;
  (void)rate;
  (void)bundle;
  (void)features;
  return calloc(1, sizeof(Drive));
}

static void connect_port(LV2_Handle instance, uint32_t port, void *data) {
  Drive *drive = (Drive *)instance;
  if (port == kIn) drive->in = (const float *)data;
  if (port == kOut) drive->out = (float *)data;
}

static void activate(LV2_Handle instance) { drive_model_reset(&((Drive *)instance)->state); }

static void run(LV2_Handle instance, uint32_t samples) {
  Drive *drive = (Drive *)instance;
  uint32_t i;
  for (i = 0; i < samples; ++i) {
    const float sample = drive->in[i]; /* the host may give one buffer for both */
    drive_model_step(&drive->state, &sample, drive->out + i);
  }
}

static void cleanup(LV2_Handle instance) { free(instance); }

static const LV2_Descriptor kDescriptor = {"urn:recur:examples:drive", instantiate, connect_port, activate, run, NULL,
                                           cleanup, NULL};

LV2_SYMBOL_EXPORT const LV2_Descriptor *lv2_descriptor(uint32_t index) { return index == 0 ? &kDescriptor : NULL; }
