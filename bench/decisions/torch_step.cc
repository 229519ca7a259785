// One streaming step of torch::nn::LSTM from C++ (F 8, H 32, B 1), and what the process costs.
//
// Build: g++ -O2 -std=c++17 torch_step.cc -o torch_step -I/usr/include/torch/csrc/api/include -ltorch -ltorch_cpu -lc10
// Needs: Debian's libtorch-dev, libopenblas0-pthread.
// Run:   OMP_NUM_THREADS=1 ./torch_step [F H]    prints the median of a step; `./torch_step exit` returns at once, to
//        time loading the library (measure it with load_time.py).
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "exit") return torch::cuda::is_available();
  const long F = argc > 2 ? std::stol(argv[1]) : 8, H = argc > 2 ? std::stol(argv[2]) : 32;
  at::set_num_threads(1);
  torch::manual_seed(0);
  torch::InferenceMode no_gradients;
  torch::nn::LSTM lstm(torch::nn::LSTMOptions(F, H));
  const auto x = torch::randn({1, 1, F});
  auto state = std::make_tuple(torch::zeros({1, 1, H}), torch::zeros({1, 1, H}));
  std::vector<double> us;
  for (int i = 0; i < 20000; i++) {
    const auto start = std::chrono::steady_clock::now();
    state = std::get<1>(lstm->forward(x, state));
    us.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() * 1e6);
  }
  std::sort(us.begin(), us.end());
  std::printf("libtorch LSTM F%ld H%ld B1: median %.2f us, 99th percentile %.2f us\n", F, H, us[us.size() / 2],
              us[us.size() * 99 / 100]);
  std::string line;
  for (std::ifstream status("/proc/self/status"); std::getline(status, line);)
    if (line.rfind("VmRSS", 0) == 0) std::printf("%s\n", line.c_str());
}
