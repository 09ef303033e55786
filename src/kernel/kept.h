#pragma once

// What tools keep in memory from call to call, one of each type: made when it is first asked for, gone with the kernel.
// Nothing may depend on its being there. Any thread.

#include <map>
#include <memory>
#include <typeindex>

#include "base/guarded.h"

namespace lilux::kernel {

class Kept {
 public:
  // Made by its default constructor; shared by the calls that use it, which it has to expect.
  template <class T>
  std::shared_ptr<T> get() {
    return parts_.with([](auto& parts) {
      std::shared_ptr<void>& part = parts[typeid(T)];
      if (!part) part = std::make_shared<T>();
      return std::static_pointer_cast<T>(part);
    });
  }

 private:
  base::Guarded<std::map<std::type_index, std::shared_ptr<void>>> parts_;
};

}  // namespace lilux::kernel
