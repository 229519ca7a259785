#include "recur/autograd/size.h"

#include "recur/base/error.h"

namespace recur {
namespace {

int64_t ceil_divide(int64_t a, int64_t b) { return a / b + (a % b > 0 ? 1 : 0); }

std::string text_of(const Size::Factor& f) {
  std::string axis = f.axis;
  if (f.shift != 0) axis = fmt::format("{} {} {}", f.axis, f.shift < 0 ? "-" : "+", f.shift < 0 ? -f.shift : f.shift);
  if (f.shift != 0) axis = "(" + axis + ")";
  return f.divisor == 1 ? axis : fmt::format("ceil({} / {})", axis, f.divisor);
}

std::string text_of(const Size::Term& term) {
  std::string text;
  if (term.coefficient == -1) text = "-";
  if (term.coefficient != 1 && term.coefficient != -1) text = fmt::format("{}*", term.coefficient);
  for (size_t k = 0; k < term.factors.size(); ++k) text += (k == 0 ? "" : "*") + text_of(term.factors[k]);
  return text;
}

}  // namespace

std::string to_string(const AxisSizes& sizes) {
  std::string text;
  for (const auto& [axis, size] : sizes) text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", axis, size);
  return text;
}

std::string to_string(const std::vector<Size>& sizes) {
  std::string text;
  for (const Size& size : sizes) text += (text.empty() ? "" : ", ") + size.str();
  return "[" + text + "]";
}

int64_t Size::Factor::at(const AxisSizes& sizes) const {
  for (const AxisSize& each : sizes)
    if (each.axis == axis) return ceil_divide(each.size + shift, divisor);
  fail("graph: the size of axis {} is not known", axis);
}

int64_t Size::number() const {
  if (!is_number()) fail("graph: {} is variable and has no value before a run", str());
  return number_;
}

std::string Size::axis() const {
  if (number_ != 0 || terms_.size() != 1) return "";
  const Term& term = terms_[0];
  if (term.coefficient != 1 || term.factors.size() != 1) return "";
  const Factor& factor = term.factors[0];
  return factor.shift == 0 && factor.divisor == 1 ? factor.axis : "";
}

int64_t Size::at(const AxisSizes& sizes) const {
  int64_t sum = number_;
  for (const Term& term : terms_) {
    int64_t product = term.coefficient;
    for (const Factor& factor : term.factors) product *= factor.at(sizes);
    sum += product;
  }
  return sum;
}

std::string Size::str() const {
  if (terms_.empty()) return std::to_string(number_);
  std::string text;
  for (const Term& term : terms_) {
    const std::string part = text_of(term);
    if (text.empty())
      text = part;
    else
      text += part.starts_with("-") ? " - " + part.substr(1) : " + " + part;
  }
  if (number_ != 0) text += fmt::format(" {} {}", number_ < 0 ? "-" : "+", number_ < 0 ? -number_ : number_);
  return text;
}

}  // namespace recur
