// What the library says on the side: notes of how data were taken, and warnings. A line each on the standard error
// output, and of a kind only the first ones.
#pragma once

namespace recur::cli {

// From now on the messages of the library are shown.
void show_messages();
// From now on warnings alone.
void hide_notes();
// Says how many messages were left out, by kind, and begins to count anew.
void finish_messages();

}  // namespace recur::cli
