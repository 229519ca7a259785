"""A recipe for Conan 2. UNTESTED: written by the documentation of Conan, and never run.

conan create packaging/conan --build=missing
"""

import os

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy
from conan.tools.gnu import PkgConfigDeps


class RecurConan(ConanFile):
    name = "recur"
    version = "0.1.0"
    license = "Apache-2.0"
    description = "Recurrent neural networks on sequences: a C++20 library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "images": [True, False], "sounds": [True, False]}
    default_options = {"shared": False, "images": True, "sounds": True}

    def export_sources(self):
        root = os.path.join(self.recipe_folder, "..", "..")
        for pattern in ("CMakeLists.txt", "CHANGELOG.md", "LICENSE", "cmake/*", "cli/*", "src/*", "packaging/debian/*"):
            copy(self, pattern, root, self.export_sources_folder)

    def requirements(self):
        self.requires("eigen/3.4.0")
        self.requires("fmt/9.1.0", transitive_headers=True)
        self.requires("highway/1.0.3")
        self.requires("nlohmann_json/3.11.2")
        self.requires("sentencepiece/0.1.97")
        self.requires("tomlplusplus/3.3.0")
        self.requires("xz_utils/5.4.5")
        self.requires("zlib/1.2.13")
        self.requires("zstd/1.5.5")
        if self.options.images:
            self.requires("libjpeg-turbo/2.1.5")
            self.requires("libpng/1.6.40")
        if self.options.sounds:
            self.requires("libsndfile/1.2.2")

    def build_requirements(self):
        self.tool_requires("pkgconf/2.0.3")

    def layout(self):
        cmake_layout(self)

    def generate(self):
        PkgConfigDeps(self).generate()
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.variables["BUILD_SHARED_LIBS"] = bool(self.options.shared)
        toolchain.variables["RECUR_BUILD_PROGRAM"] = False
        toolchain.variables["RECUR_BUILD_TESTS"] = False
        toolchain.variables["RECUR_USE_HDF5"] = False
        toolchain.variables["RECUR_UNITY_BUILD"] = True
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "Recur")
        self.cpp_info.components["recur"].libs = ["recur"]
        self.cpp_info.components["recur"].set_property("cmake_target_name", "recur::recur")
        self.cpp_info.components["recur"].requires = ["fmt::fmt", "highway::highway", "nlohmann_json::nlohmann_json",
                                                      "sentencepiece::sentencepiece", "tomlplusplus::tomlplusplus",
                                                      "xz_utils::xz_utils", "zlib::zlib", "zstd::zstd"]
        if self.options.images:
            self.cpp_info.components["recur"].requires += ["libjpeg-turbo::libjpeg-turbo", "libpng::libpng"]
        if self.options.sounds:
            self.cpp_info.components["recur"].requires += ["libsndfile::libsndfile"]
        self.cpp_info.components["train"].libs = ["recur_train"]
        self.cpp_info.components["train"].set_property("cmake_target_name", "recur::train")
        self.cpp_info.components["train"].requires = ["recur"]
