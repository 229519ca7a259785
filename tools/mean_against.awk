# The mean and standard deviation of numbers, one a line, against a bound. Exit code 1 when it does not hold.
# usage: awk -v what=WHAT -v bound=BOUND -v side="at least"|"at most" -f tools/mean_against.awk
{ sum += $1; squares += $1 * $1; all = all " " $1 }
END {
  mean = sum / NR
  deviation = NR > 1 ? sqrt((squares - NR * mean * mean > 0 ? squares - NR * mean * mean : 0) / (NR - 1)) : 0
  passed = side == "at least" ? mean >= bound : mean <= bound
  missed = side == "at least" ? "less than" : "more than"
  printf "%s: %.4f +- %.4f (of%s), %s %s: %s\n", what, mean, deviation, all, passed ? side : missed, bound,
    passed ? "passed" : "FAILED"
  exit !passed
}
