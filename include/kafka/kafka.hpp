// SPDX-License-Identifier: Apache-2.0
// Everything but async.hpp (which brings Boost.Asio) and fake_cluster.hpp (a library of its own).
#pragma once

#include <kafka/admin.hpp>
#include <kafka/api_key.hpp>
#include <kafka/assignor.hpp>
#include <kafka/broker_errc.hpp>
#include <kafka/config.hpp>
#include <kafka/consumer.hpp>
#include <kafka/error.hpp>
#include <kafka/group.hpp>
#include <kafka/group_admin.hpp>
#include <kafka/log.hpp>
#include <kafka/metrics.hpp>
#include <kafka/partitioner.hpp>
#include <kafka/producer.hpp>
#include <kafka/properties.hpp>
#include <kafka/record.hpp>
#include <kafka/transactional_processor.hpp>
#include <kafka/types.hpp>
