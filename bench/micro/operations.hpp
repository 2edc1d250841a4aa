// SPDX-License-Identifier: Apache-2.0
/// The operations that are measured one by one in memory, without a socket.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace micro {

struct operation {
  std::string name;
  std::size_t bytes;  ///< it goes through at each time; 0: says nothing
  void (*run)(std::size_t times);
};

void add_wire(std::vector<operation>& to);      // wire.cpp
void add_subjects(std::vector<operation>& to);  // subjects.cpp
void add_json(std::vector<operation>& to);      // json.cpp

/// The compiler has to make `value`, though nobody reads it.
template <class T>
inline void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

}  // namespace micro
