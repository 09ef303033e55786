#pragma once

// Whether what an item is given is what it takes: before it is run, and before a sentence's call is offered. Any
// thread.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "brain/caller.h"
#include "item/parts.h"
#include "kernel/context.h"

namespace lilux::tools {

// Of its type, and one of its choices where it has some.
base::Result<void> check_input(const item::Input& input, const base::Json& value, const std::string& name);
// A name that is none of them is a mistake where there are any; those with an underscore are for who runs it.
base::Result<void> check_input_names(const std::vector<item::Input>& inputs, const base::JsonObject& given,
                                     const std::string& name);

// What items take that were just read, by run_key() of the calls that run them: a great volume is not gone through
// again.
using KnownInputs = std::map<std::string, std::vector<item::Input>, std::less<>>;
std::string run_key(const base::Json& run);

// Of what is said to run an item: words become what its inputs take ("5" a number, "Hall" the choice hall). Where an
// input is missing or does not fit, nothing is called and it is asked for; one that it does not have is named. An item
// that the caller may not see is left alone.
void check_inputs(const kernel::CallContext& call, brain::Proposal& said, const KnownInputs& known = {});

}  // namespace lilux::tools
