// SPDX-License-Identifier: Apache-2.0
// Boost.JSON is compiled here, so that its headers are all that must be installed.
#include <boost/json/src.hpp>
