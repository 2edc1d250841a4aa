// SPDX-License-Identifier: Apache-2.0
/// A folder for certificates, configurations and logs, for as long as this object lives.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace test {

class temporary_folder {
 public:
  temporary_folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "innate-test-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::system_error(errno, std::generic_category(), "mkdtemp");
    x_path = pattern;
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(x_path, ignored);
  }

  /// Writes a file, whole at once, and gives its path.
  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream{x_path / (name + ".new"), std::ios::binary} << content;
    std::filesystem::rename(x_path / (name + ".new"), x_path / name);
    return path(name);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (x_path / name).string(); }

 private:
  std::filesystem::path x_path;
};

}  // namespace test
