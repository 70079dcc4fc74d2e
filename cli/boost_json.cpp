// SPDX-License-Identifier: Apache-2.0
// Boost.JSON itself, so that no compiled Boost library is needed.
#include <boost/json/src.hpp>
