// Which library should do the large f32 products: oneDNN or OpenBLAS? The numbers of docs/decisions/0002.
//
// Build: g++ -O2 -std=c++20 gemm_compare.cc -o gemm_compare -ldnnl -fopenmp -ldl
// Needs: Debian's libdnnl-dev and libopenblas0-pthread.
// Run:   ./gemm_compare peak | shapes [rounds] | bf16 | chunks | threads
//
// `shapes` times, in turn and in rounds, oneDNN, OpenBLAS as it starts by itself, and OpenBLAS told to use its
// SkylakeX (AVX-512) kernels, each on one thread. The three products of one recurrent layer are
//   NT  pre-activations  C[M,N] = X[M,K] W[N,K]^T
//   NN forward           the same when W is kept transposed, [K,N]
//   NN  input gradient   dX[M,K] = dA[M,N] W[N,K]
//   TN  weight gradient  dW[N,K] = dA[M,N]^T X[M,K]
#include <dlfcn.h>
#include <immintrin.h>
#include <omp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dnnl.hpp>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double seconds_of(const std::function<void()>& run) {
  const auto start = Clock::now();
  run();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

// Row-major C[m,n] = op(A) op(B), leading dimensions those of dense matrices.
struct Product {
  bool transpose_a, transpose_b;
  long m, n, k;
  double flops() const { return 2.0 * m * n * k; }
  long lda() const { return transpose_a ? m : k; }
  long ldb() const { return transpose_b ? k : n; }
};

using Gemm = std::function<void(const Product&, const float* a, const float* b, float* c)>;

void dnnl_product(const Product& p, const float* a, const float* b, float* c) {
  dnnl_sgemm(p.transpose_a ? 'T' : 'N', p.transpose_b ? 'T' : 'N', p.m, p.n, p.k, 1.0f, a, p.lda(), b, p.ldb(), 0.0f, c,
             p.n);
}

using CblasSgemm = void (*)(int order, int ta, int tb, int m, int n, int k, float alpha, const float* a, int lda,
                            const float* b, int ldb, float beta, float* c, int ldc);

// Two copies with different kernels in one process: dlopen would hand out the same copy twice, so the second lives in
// a link-map of its own, whose C library sees the environment as the process was started with.
Gemm openblas(const char* core_type) {
  const char* path = "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblas.so.0";
  if (core_type != nullptr) setenv("OPENBLAS_CORETYPE", core_type, 1);
  void* lib = core_type != nullptr ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : dlmopen(LM_ID_NEWLM, path, RTLD_NOW);
  if (lib == nullptr) {
    std::fprintf(stderr, "cannot load OpenBLAS: %s\n", dlerror());
    std::exit(1);
  }
  reinterpret_cast<void (*)(int)>(dlsym(lib, "openblas_set_num_threads"))(1);
  const auto core = reinterpret_cast<char* (*)()>(dlsym(lib, "openblas_get_corename"));
  std::printf("# OpenBLAS told %s runs the %s kernels\n", core_type == nullptr ? "nothing" : core_type, core());
  const auto sgemm = reinterpret_cast<CblasSgemm>(dlsym(lib, "cblas_sgemm"));
  return [sgemm](const Product& p, const float* a, const float* b, float* c) {
    constexpr int kRowMajor = 101, kPlain = 111, kTranspose = 112;
    sgemm(kRowMajor, p.transpose_a ? kTranspose : kPlain, p.transpose_b ? kTranspose : kPlain, int(p.m), int(p.n),
          int(p.k), 1.0f, a, int(p.lda()), b, int(p.ldb()), 0.0f, c, int(p.n));
  };
}

std::vector<float> random_floats(long n, unsigned seed) {
  std::mt19937 gen(seed);
  std::uniform_real_distribution<float> uniform(-0.1f, 0.1f);
  std::vector<float> v(n);
  for (float& x : v) x = uniform(gen);
  return v;
}

// --- f32 peak -------------------------------------------------------------------------------------------------

constexpr long kPeakSteps = 2'000'000;

__attribute__((target("avx512f"))) float fma_avx512() {
  __m512 acc[16];
  for (auto& x : acc) x = _mm512_set1_ps(1.0f);
  const __m512 a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(0.001f);
  for (long i = 0; i < kPeakSteps; i++) {
#pragma GCC unroll 16
    for (auto& x : acc) x = _mm512_fmadd_ps(x, a, b);
  }
  __m512 sum = acc[0];
  for (int i = 1; i < 16; i++) sum = _mm512_add_ps(sum, acc[i]);
  return _mm512_cvtss_f32(sum);
}

__attribute__((target("avx2,fma"))) float fma_avx2() {
  __m256 acc[12];
  for (auto& x : acc) x = _mm256_set1_ps(1.0f);
  const __m256 a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(0.001f);
  for (long i = 0; i < kPeakSteps; i++) {
#pragma GCC unroll 12
    for (auto& x : acc) x = _mm256_fmadd_ps(x, a, b);
  }
  __m256 sum = acc[0];
  for (int i = 1; i < 12; i++) sum = _mm256_add_ps(sum, acc[i]);
  return _mm256_cvtss_f32(sum);
}

volatile float sink;

double peak(float (*kernel)(), double flops_a_step) {
  std::vector<double> t;
  for (int i = 0; i < 21; i++) t.push_back(seconds_of([&] { sink = kernel(); }));
  return flops_a_step * kPeakSteps / median(t) / 1e9;
}

double best_peak() {
  if (__builtin_cpu_supports("avx512f")) return peak(fma_avx512, 16 * 16 * 2);
  return peak(fma_avx2, 12 * 8 * 2);
}

// --- modes ----------------------------------------------------------------------------------------------------

struct Shape {
  long m, n, k;
};

const std::vector<Shape> kShapes = {
    {1600, 512, 64},   {1600, 512, 128},  {100, 512, 40},    {400, 800, 200},    {700, 2600, 650}, {2500, 2048, 512},
    {400, 10000, 200}, {700, 10000, 650}, {6400, 4096, 512}, {6400, 4096, 1024}, {5000, 65, 512},  {1, 128, 8},
    {1, 512, 128},     {1, 1024, 256},    {2, 512, 128},     {4, 512, 128},      {8, 512, 128},    {16, 512, 128},
    {32, 512, 128},    {20, 800, 200},    {20, 2600, 650},   {32, 2048, 512},
};

struct Variant {
  const char* name;
  Product p;
};

std::vector<Variant> variants(const Shape& s) {
  return {{"NT", {false, true, s.m, s.n, s.k}},
          {"NN forward", {false, false, s.m, s.n, s.k}},
          {"NN", {false, false, s.m, s.k, s.n}},
          {"TN", {true, false, s.n, s.k, s.m}}};
}

void compare_shapes(int rounds) {
  omp_set_num_threads(1);
  const std::vector<Gemm> libs = {dnnl_product, openblas(nullptr), openblas("SkylakeX")};
  const double top = best_peak();
  std::printf("# f32 peak %.0f GFLOP/s\n", top);
  std::printf("M,N,K,product,onednn,openblas,openblas_skx,onednn_of_peak,onednn/openblas,onednn/skx,max_diff\n");
  for (const Shape& s : kShapes) {
    for (const auto& [name, p] : variants(s)) {
      const auto a = random_floats(p.m * p.k, 1), b = random_floats(p.k * p.n, 2);
      std::vector<std::vector<float>> c(libs.size(), std::vector<float>(p.m * p.n));
      std::vector<std::vector<double>> t(libs.size());
      const long reps = std::clamp(long(2e8 / p.flops()), 1L, 2000L);
      for (int r = -1; r < rounds; r++) {  // round -1 warms up
        for (size_t l = 0; l < libs.size(); l++) {
          const double one = seconds_of([&] {
            for (long i = 0; i < reps; i++) libs[l](p, a.data(), b.data(), c[l].data());
          });
          if (r >= 0) t[l].push_back(one / reps);
        }
      }
      double diff = 0, size = 0;
      for (size_t i = 0; i < c[0].size(); i++) {
        diff = std::max(diff, double(std::abs(c[0][i] - c[1][i])));
        size = std::max(size, double(std::abs(c[1][i])));
      }
      double rate[3];
      for (int l = 0; l < 3; l++) rate[l] = p.flops() / median(t[l]) / 1e9;
      std::printf("%ld,%ld,%ld,%s,%.1f,%.1f,%.1f,%.2f,%.2f,%.2f,%.0e\n", s.m, s.n, s.k, name, rate[0], rate[1], rate[2],
                  rate[0] / top, rate[0] / rate[1], rate[0] / rate[2], diff / size);
      std::fflush(stdout);
    }
  }
}

// The bf16 product is not in oneDNN's public C gemm calls, but its matmul primitive has it.
void compare_bf16() {
  omp_set_num_threads(1);
  dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  using Type = dnnl::memory::data_type;
  using Tag = dnnl::memory::format_tag;
  std::printf("M,N,K,sgemm,matmul_f32,matmul_bf16,matmul_bf16_packed_weights (NT, GFLOP/s)\n");
  for (const Shape& s : kShapes) {
    auto matmul = [&](Type type, bool packed) {
      dnnl::memory::desc x({s.m, s.k}, type, Tag::ab), y({s.m, s.n}, Type::f32, Tag::ab);
      dnnl::memory::desc w({s.k, s.n}, type, packed ? Tag::any : Tag::ba);
      dnnl::matmul::primitive_desc pd(dnnl::matmul::desc(x, w, y), engine);
      dnnl::memory mx(x, engine), mw(pd.weights_desc(), engine), my(y, engine);
      for (auto* m : {&mx, &mw}) std::memset(m->get_data_handle(), 0x3c, m->get_desc().get_size());
      dnnl::matmul run(pd);
      return [=, &stream]() mutable {
        run.execute(stream, {{DNNL_ARG_SRC, mx}, {DNNL_ARG_WEIGHTS, mw}, {DNNL_ARG_DST, my}});
        stream.wait();
      };
    };
    const Product p{false, true, s.m, s.n, s.k};
    const auto a = random_floats(p.m * p.k, 1), b = random_floats(p.k * p.n, 2);
    std::vector<float> c(p.m * p.n);
    const std::vector<std::function<void()>> runs = {[&] { dnnl_product(p, a.data(), b.data(), c.data()); },
                                                     matmul(Type::f32, false), matmul(Type::bf16, false),
                                                     matmul(Type::bf16, true)};
    std::vector<std::vector<double>> t(runs.size());
    const long reps = std::clamp(long(2e8 / p.flops()), 1L, 2000L);
    for (int r = -1; r < 7; r++) {
      for (size_t l = 0; l < runs.size(); l++) {
        const double one = seconds_of([&] {
          for (long i = 0; i < reps; i++) runs[l]();
        });
        if (r >= 0) t[l].push_back(one / reps);
      }
    }
    std::printf("%ld,%ld,%ld", s.m, s.n, s.k);
    for (const auto& v : t) std::printf(",%.1f", p.flops() / median(v) / 1e9);
    std::printf("\n");
    std::fflush(stdout);
  }
}

// Rows of C computed in chunks of `grid` rows from the start: same bits as the whole product?
long rows_that_differ(const Gemm& gemm, const Product& p, long grid, int pad) {
  const auto a = random_floats(p.m * p.k + 64, 1), b = random_floats(p.k * p.n + 64, 2);
  std::vector<float> whole(p.m * p.n), parts(p.m * p.n + 64);
  gemm(p, a.data(), b.data(), whole.data());
  for (long row = 0; row < p.m; row += grid) {
    Product q = p;
    q.m = std::min(grid, p.m - row);
    if (p.transpose_a) {  // a column block of the stored A: copy it densely, since lda() follows m
      std::vector<float> block(q.m * p.k);
      for (long k = 0; k < p.k; k++) std::copy_n(&a[k * p.m + row], q.m, &block[k * q.m]);
      gemm(q, block.data(), b.data(), parts.data() + pad + row * p.n);
    } else {
      gemm(q, a.data() + row * p.k, b.data(), parts.data() + pad + row * p.n);
    }
  }
  long differ = 0;
  for (long r = 0; r < p.m; r++)
    differ += std::memcmp(&whole[r * p.n], &parts[pad + r * p.n], p.n * sizeof(float)) != 0;
  return differ;
}

void compare_chunks() {
  omp_set_num_threads(1);
  const std::vector<std::pair<const char*, Gemm>> libs = {
      {"onednn", dnnl_product}, {"openblas", openblas(nullptr)}, {"openblas-skx", openblas("SkylakeX")}};
  std::printf(
      "library,M,N,K,product,rows that differ from the whole product, for chunks of 1 8 16 32 48 64 128 256 rows"
      " and for 64 rows with C off its alignment by 4 bytes\n");
  for (const auto& [name, gemm] : libs) {
    for (const Shape& s : {Shape{1600, 512, 64}, Shape{400, 800, 200}, Shape{700, 2600, 650}, Shape{2500, 2048, 512},
                           Shape{5000, 65, 512}, Shape{100, 512, 40}, Shape{333, 101, 77}}) {
      for (const auto& [product, p] : variants(s)) {
        std::printf("%s,%ld,%ld,%ld,%s:", name, s.m, s.n, s.k, product);
        for (long grid : {1, 8, 16, 32, 48, 64, 128, 256}) std::printf(" %ld", rows_that_differ(gemm, p, grid, 0));
        std::printf("  %ld\n", rows_that_differ(gemm, p, 64, 1));
      }
    }
  }
}

int threads_alive() {
  int n = 0;
  for ([[maybe_unused]] const auto& e : std::filesystem::directory_iterator("/proc/self/task")) n++;
  return n;
}

// oneDNN's own threads against our std::threads that each call it single-threaded on half of the rows.
void compare_threads() {
  const Product p{false, true, 2500, 512, 512};
  const auto a = random_floats(p.m * p.k, 1), b = random_floats(p.k * p.n, 2);
  std::vector<float> one(p.m * p.n), c(p.m * p.n);
  auto split = [&](bool forbid) {
    std::vector<std::thread> pool;
    for (int half = 0; half < 2; half++) {
      pool.emplace_back([&, half] {
        if (forbid) omp_set_num_threads(1);
        Product q = p;
        q.m = p.m / 2;
        dnnl_product(q, a.data() + half * q.m * p.k, b.data(), c.data() + half * q.m * p.n);
        if (half == 0) std::printf("  threads in the process while a worker is in it: %d\n", threads_alive());
      });
    }
    for (auto& t : pool) t.join();
  };
  std::printf("before any product: %d thread(s)\n", threads_alive());
  std::printf("two std::threads, each after omp_set_num_threads(1):\n");
  split(true);
  std::printf("  after: %d\n", threads_alive());
  std::printf("two std::threads, nothing said (OpenMP would use %d):\n", omp_get_max_threads());
  split(false);
  std::printf("  after: %d\n", threads_alive());

  omp_set_num_threads(1);
  dnnl_product(p, a.data(), b.data(), one.data());
  omp_set_num_threads(2);
  dnnl_product(p, a.data(), b.data(), c.data());
  std::printf("oneDNN on 1 and on 2 of its own threads: %s bits\n",
              std::memcmp(one.data(), c.data(), c.size() * 4) == 0 ? "same" : "other");

  auto report = [](const char* load, const char* who, const std::function<void()>& run) {
    std::vector<double> t;
    for (int i = 0; i < 200; i++) t.push_back(seconds_of(run));
    std::printf("%s, %s: median %.0f us, worst %.0f us\n", load, who, median(t) * 1e6,
                *std::max_element(t.begin(), t.end()) * 1e6);
  };
  auto from_queue = [&] {  // two threads, started anew each time, take chunks of 100 rows until none is left
    constexpr long kRows = 100;
    std::atomic<long> next = 0;
    auto work = [&] {
      omp_set_num_threads(1);
      Product q = p;
      q.m = kRows;
      for (long row; (row = next.fetch_add(kRows)) < p.m;)
        dnnl_product(q, a.data() + row * p.k, b.data(), c.data() + row * p.n);
    };
    std::thread helper(work);
    work();
    helper.join();
  };
  for (const bool busy : {false, true}) {
    const char* load = busy ? "one other thread busy" : "machine idle";
    std::atomic<bool> stop = false;
    std::thread other([&] {
      while (busy && !stop) sink = 1;
    });
    for (int n : {1, 2}) {
      omp_set_num_threads(n);
      report(load, n == 1 ? "oneDNN on 1 thread" : "oneDNN on 2 threads",
             [&] { dnnl_product(p, a.data(), b.data(), c.data()); });
    }
    report(load, "2 std::threads taking chunks of 100 rows", from_queue);
    stop = true;
    other.join();
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "peak") {
    if (__builtin_cpu_supports("avx512f")) std::printf("AVX-512: %.0f GFLOP/s\n", peak(fma_avx512, 16 * 16 * 2));
    std::printf("AVX2:    %.0f GFLOP/s\n", peak(fma_avx2, 12 * 8 * 2));
  } else if (mode == "shapes") {
    compare_shapes(argc > 2 ? std::atoi(argv[2]) : 11);
  } else if (mode == "bf16") {
    compare_bf16();
  } else if (mode == "chunks") {
    compare_chunks();
  } else if (mode == "threads") {
    compare_threads();
  } else {
    std::fprintf(stderr, "usage: gemm_compare peak | shapes [rounds] | bf16 | chunks | threads\n");
    return 2;
  }
}
