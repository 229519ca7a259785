#include "cli/shapes.h"

#include <charconv>

#include "recur/base/error.h"

namespace recur::cli {
namespace {

constexpr std::string_view kHeader = "cell,layers,bidir,T,B,I,H";
constexpr int64_t kMaxSize = 1 << 20;

std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t end = 0; end != std::string_view::npos; line.remove_prefix(end + 1)) {
    end = line.find(',');
    cells.push_back(line.substr(0, end));
    if (end == std::string_view::npos) break;
  }
  return cells;
}

}  // namespace

const std::string_view kDefaultShapes = R"(cell,layers,bidir,T,B,I,H
lstm,1,0,1,1,8,32
lstm,1,0,1,1,64,256
lstm,1,0,100,1,40,128
rnn,1,0,50,32,64,128
gru,1,0,50,32,64,128
lstm,1,0,50,32,64,128
lstm,2,0,20,20,200,200
lstm,2,0,35,20,650,650
lstm,2,0,50,50,128,512
lstm,1,1,100,16,80,256
gru,1,0,100,64,512,1024
lstm,1,0,100,64,512,1024
)";

double BenchShape::forward_flops(int64_t gates) const {
  const int64_t directions = bidirectional ? 2 : 1;
  double sum = 0;
  for (int64_t layer = 0; layer < layers; ++layer) {
    const int64_t features = layer == 0 ? input : hidden * directions;
    sum += 2.0 * static_cast<double>(steps * batch) * static_cast<double>(gates * hidden) *
           static_cast<double>((features + hidden) * directions);
  }
  return sum;
}

std::vector<BenchShape> parse_shapes(std::string_view text, const std::string& name) {
  if (next_line(text) != kHeader) fail("{}:1: expected the header {}", name, kHeader);
  std::vector<BenchShape> shapes;
  for (int line = 2; !text.empty(); ++line) {
    const std::string_view row = next_line(text);
    if (row.empty()) continue;
    const std::vector<std::string_view> cells = split(row);
    if (cells.size() != 7) fail("{}:{}: expected 7 columns, got {}", name, line, cells.size());
    const auto number = [&](std::size_t column, int64_t lowest, int64_t highest) {
      int64_t value = 0;
      const std::string_view cell = cells[column];
      const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
      if (error != std::errc() || end != cell.data() + cell.size() || value < lowest || value > highest) {
        fail("{}:{}: column {}: expected an integer in [{}, {}], got '{}'", name, line, column + 1, lowest, highest,
             cell);
      }
      return value;
    };
    shapes.push_back({std::string(cells[0]), number(1, 1, 100), number(2, 0, 1) == 1, number(3, 1, kMaxSize),
                      number(4, 1, kMaxSize), number(5, 1, kMaxSize), number(6, 1, kMaxSize)});
  }
  if (shapes.empty()) fail("{}: no shapes", name);
  return shapes;
}

}  // namespace recur::cli
