#pragma once

// What of the standard library is compiled once for all sources (see precompiled.cmake). A source still includes what
// it uses: other presets compile it without this. <filesystem> is not here, since its std::quoted hides sys::quoted.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>
