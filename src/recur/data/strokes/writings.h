// Handwriting as a pen that moves: files of it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "recur/data/files/data_file.h"

namespace recur {

// From one point to the next, in whatever unit; y downwards.
struct PenMove {
  float x = 0, y = 0;
  bool lifts = false;  // the pen is up until the next point
};
using PenMoves = std::vector<PenMove>;

// A text and how it was written. The first move leads to the first point.
struct Writing {
  std::string text;
  PenMoves moves;
  std::string name;  // its place: "train.jsonl:3"
};

// Whether the files are JSON lines with strokes. Throws Error where only some of them are, for a file of JSON lines
// that is empty, and for a folder of strokes.
bool hold_writings(std::span<const DataFile> files);

// Objects {"text": "...", "strokes": [[dx, dy, lifts], ...]}, a line each, where lifts is 1 when the pen is up after
// that point, else 0; strokes may be the text of such an array, as prediction writes it. x and y stand as they are
// read, be they moves or points (coordinates.h). Those without a text or with fewer than two points are left out, with
// a warning. Throws Error, naming the line, for what is something else, and where nothing is left.
std::vector<Writing> read_writings(std::span<const DataFile> files);

// "[[dx, dy, lifts], ...]", as they are read: with `points`, the places, the first at 0, 0. Six digits each.
std::string strokes_json(const PenMoves& moves, bool points = false);

}  // namespace recur
