// SPDX-License-Identifier: Apache-2.0
/* librdkafka doing what kafka-bench produce, latency and consume do; one line of JSON with the same fields.
 * usage: rdkafka_bench produce|latency --brokers B --topic T --records N --warm-up N --size S --payload FILE
 *                      [--span N] [--borrow] [--first-ack] [-X key=value]...
 *        rdkafka_bench consume --brokers B --topic T --records N [--group G] [--partitions N] [--span N] [--callback]
 *                      [-X key=value]... */
#include <rdkafka.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { sample_every = 1000, samples_most = 1 << 20 };

static struct {
  const char *brokers, *topic, *payload;
  const char* group;
  long records, warm_up, size, span, partitions;
  int latency, consume, callback, first_ack, borrow;
} options = {.records = 1000000, .warm_up = 1000, .size = 100, .span = 1000, .partitions = 1};

static rd_kafka_t* producer;
static char* values;
static long value_count;
static double began_at;

static long acknowledged, failed;
static char failure[512];
static int64_t* samples;
static long sample_count;

static int64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void die(const char* what, const char* why) {
  fprintf(stderr, "rdkafka_bench: %s: %s\n", what, why);
  exit(1);
}

static void sample(int64_t nanos) {
  if (sample_count < samples_most) samples[sample_count++] = nanos;
}

static void on_delivery(rd_kafka_t* rk, const rd_kafka_message_t* message, void* opaque) {
  (void)rk;
  (void)opaque;
  if (message->err) {
    if (failed++ == 0) snprintf(failure, sizeof failure, "%s", rd_kafka_err2str(message->err));
    return;
  }
  ++acknowledged;
  if (message->_private) sample(nanoseconds() - (int64_t)(intptr_t)message->_private);
  if (options.first_ack) {
    options.first_ack = 0;
    printf("first_ack %.3f\n", (double)nanoseconds() / 1e6 - began_at);
    fflush(stdout);
  }
}

static void set(rd_kafka_conf_t* conf, const char* key, const char* value) {
  char why[512];
  if (rd_kafka_conf_set(conf, key, value, why, sizeof why) != RD_KAFKA_CONF_OK) die(key, why);
}

static void read_payload(void) {
  FILE* file = fopen(options.payload, "rb");
  long size;
  if (!file || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < options.size) die(options.payload, "unusable");
  rewind(file);
  values = malloc((size_t)size);
  if (!values || fread(values, 1, (size_t)size, file) != (size_t)size) die(options.payload, "cannot be read");
  fclose(file);
  value_count = size / options.size;
}

/* Hands `records` over in batches, serving delivery reports between them, and waits for the last report. */
static void produce(rd_kafka_topic_t* topic, long records) {
  rd_kafka_message_t* batch = calloc((size_t)options.span, sizeof *batch);
  const int flags = options.borrow ? 0 : RD_KAFKA_MSG_F_COPY;
  const long wanted = acknowledged + failed + records;
  long value = 0, until_sample = 0, ready = 0;
  while (records != 0 || ready != 0) {
    const int64_t now = nanoseconds();
    while (ready < options.span && records != 0) {
      rd_kafka_message_t* message = &batch[ready++];
      memset(message, 0, sizeof *message);
      message->payload = values + value * options.size;
      message->len = (size_t)options.size;
      message->partition = RD_KAFKA_PARTITION_UA;
      if (until_sample-- == 0) {
        until_sample = sample_every - 1;
        message->_private = (void*)(intptr_t)now;
      }
      if (++value == value_count) value = 0;
      --records;
    }
    long refused = 0;
    if (rd_kafka_produce_batch(topic, RD_KAFKA_PARTITION_UA, flags, batch, (int)ready) != ready) {
      for (long i = 0; i < ready; ++i) {
        if (!batch[i].err) continue;
        if (batch[i].err != RD_KAFKA_RESP_ERR__QUEUE_FULL) die("produce", rd_kafka_err2str(batch[i].err));
        batch[i].err = 0;
        batch[refused++] = batch[i];
      }
    }
    ready = refused;
    rd_kafka_poll(producer, 0);
    /* A full queue is let run half empty: trying again at once would cost more than it brings. */
    if (refused) {
      const int enough = rd_kafka_outq_len(producer) / 2;
      while (rd_kafka_outq_len(producer) > enough) rd_kafka_poll(producer, 10);
    }
  }
  while (acknowledged + failed < wanted) rd_kafka_poll(producer, 100);
  free(batch);
}

static void one_by_one(rd_kafka_topic_t* topic, long records) {
  for (long i = 0; i < records && failed == 0; ++i) {
    const long wanted = acknowledged + failed + 1;
    const int64_t before = nanoseconds();
    if (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, values + i % value_count * options.size,
                         (size_t)options.size, NULL, 0, NULL) != 0)
      die("produce", rd_kafka_err2str(rd_kafka_last_error()));
    while (acknowledged + failed < wanted) rd_kafka_poll(producer, 100);
    sample(nanoseconds() - before);
  }
}

static void work(rd_kafka_topic_t* topic, long records) {
  acknowledged = failed = sample_count = 0;
  options.latency ? one_by_one(topic, records) : produce(topic, records);
}

/* What kafka-bench consume does with a record: counts it and its bytes, and looks at its value's last byte. */
static struct {
  long records, bytes;
  uint64_t checksum;
  int64_t first_at;
} consumed;

static void look_at(const rd_kafka_message_t* message) {
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF || consumed.records == options.records) return;
  if (message->err) die("consume", rd_kafka_message_errstr(message));
  ++consumed.records;
  consumed.bytes += (long)(message->key_len + message->len);
  if (message->len) consumed.checksum += ((const unsigned char*)message->payload)[message->len - 1];
}

static void on_message(rd_kafka_message_t* message, void* opaque) {
  (void)opaque;
  look_at(message);
}

/* A group's member, or (without a group) partitions assigned by hand; records come in batches, or (by hand only) one by one
 * to a callback of the simple consumer. Returns the client, which is to be closed. */
static rd_kafka_t* consume(rd_kafka_conf_t* conf) {
  char why[512];
  set(conf, "group.id", options.group ? options.group : "none");
  if (!options.group) set(conf, "enable.auto.commit", "false");
  set(conf, "auto.offset.reset", "earliest");
  rd_kafka_t* consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
  if (!consumer) die("rd_kafka_new", why);
  rd_kafka_queue_t* queue;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  if (options.callback) {
    queue = rd_kafka_queue_new(consumer);
    rd_kafka_topic_t* topic = rd_kafka_topic_new(consumer, options.topic, NULL);
    for (int i = 0; i < options.partitions; ++i)
      if (rd_kafka_consume_start_queue(topic, i, RD_KAFKA_OFFSET_BEGINNING, queue) != 0)
        die("consume", rd_kafka_err2str(rd_kafka_last_error()));
  } else {
    rd_kafka_poll_set_consumer(consumer);
    queue = rd_kafka_queue_get_consumer(consumer);
    rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new((int)options.partitions);
    if (options.group) {
      rd_kafka_topic_partition_list_add(list, options.topic, RD_KAFKA_PARTITION_UA);
      error = rd_kafka_subscribe(consumer, list);
    } else {
      for (int i = 0; i < options.partitions; ++i)
        rd_kafka_topic_partition_list_add(list, options.topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
      error = rd_kafka_assign(consumer, list);
    }
    rd_kafka_topic_partition_list_destroy(list);
  }
  if (error) die("consume", rd_kafka_err2str(error));

  rd_kafka_message_t** batch = calloc((size_t)options.span, sizeof *batch);
  while (consumed.records < options.records) {
    if (options.callback) {
      if (rd_kafka_consume_callback_queue(queue, 100, on_message, NULL) < 0)
        die("consume", rd_kafka_err2str(rd_kafka_last_error()));
    } else {
      const ssize_t found = rd_kafka_consume_batch_queue(queue, 100, batch, (size_t)options.span);
      if (found < 0) die("consume", rd_kafka_err2str(rd_kafka_last_error()));
      for (ssize_t i = 0; i < found; ++i) {
        look_at(batch[i]);
        rd_kafka_message_destroy(batch[i]);
      }
    }
    if (consumed.records && !consumed.first_at) consumed.first_at = nanoseconds();
  }
  return consumer;
}

static int by_size(const void* left, const void* right) {
  const int64_t a = *(const int64_t*)left, b = *(const int64_t*)right;
  return (a > b) - (a < b);
}

static double percentile(double share) {
  if (sample_count == 0) return 0;
  const long index = (long)(share * (double)sample_count + 0.999999) - 1;
  return (double)samples[index < 0 ? 0 : index] / 1e3;
}

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

static void print_consumed(const struct rusage* before, const struct rusage* after, int64_t begin, double elapsed) {
  const double user = seconds(after->ru_utime) - seconds(before->ru_utime);
  const double system = seconds(after->ru_stime) - seconds(before->ru_stime);
  const double records = (double)consumed.records;
  printf("{\"benchmark\":\"consume\",\"records\":%ld,\"failed\":0,\"bytes\":%ld,\"seconds\":%.6f,\"records_per_second\":%.0f,"
         "\"megabytes_per_second\":%.3f,\"cpu_user_seconds\":%.6f,\"cpu_system_seconds\":%.6f,"
         "\"cpu_seconds_per_million_records\":%.5f,\"peak_rss_kib\":%ld,\"first_record_ms\":%.3f,\"checksum\":%llu,"
         "\"version\":\"%s\"}\n",
         consumed.records, consumed.bytes, elapsed, records / elapsed, (double)consumed.bytes / 1e6 / elapsed, user, system,
         (user + system) / records * 1e6, after->ru_maxrss, (double)(consumed.first_at - begin) / 1e6,
         (unsigned long long)consumed.checksum, rd_kafka_version_str());
  fflush(stdout);
}

static void print(const struct rusage* before, const struct rusage* after, double elapsed) {
  const double user = seconds(after->ru_utime) - seconds(before->ru_utime);
  const double system = seconds(after->ru_stime) - seconds(before->ru_stime);
  const double records = (double)acknowledged;
  qsort(samples, (size_t)sample_count, sizeof *samples, by_size);
  printf("{\"benchmark\":\"%s\",\"records\":%ld,\"failed\":%ld,\"bytes\":%ld,\"seconds\":%.6f,"
         "\"records_per_second\":%.0f,\"megabytes_per_second\":%.3f,\"cpu_user_seconds\":%.6f,"
         "\"cpu_system_seconds\":%.6f,\"cpu_seconds_per_million_records\":%.5f,\"peak_rss_kib\":%ld,"
         "\"latency_us\":{\"p50\":%.1f,\"p95\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f},\"version\":\"%s\"}\n",
         options.latency ? "latency" : "produce", acknowledged, failed, acknowledged * options.size, elapsed,
         records / elapsed, records * (double)options.size / 1e6 / elapsed, user, system,
         records > 0 ? (user + system) / records * 1e6 : 0, after->ru_maxrss, percentile(0.5), percentile(0.95),
         percentile(0.99), percentile(0.999), percentile(1), rd_kafka_version_str());
  fflush(stdout);
}

static void parse(int argc, char** argv, rd_kafka_conf_t* conf) {
  if (argc < 2) die("usage", "rdkafka_bench produce|latency|consume ...");
  options.consume = strcmp(argv[1], "consume") == 0;
  options.latency = strcmp(argv[1], "latency") == 0;
  for (int i = 2; i < argc; ++i) {
    const char* name = argv[i];
    if (strcmp(name, "--first-ack") == 0) { options.first_ack = 1; continue; }
    if (strcmp(name, "--borrow") == 0) { options.borrow = 1; continue; }
    if (strcmp(name, "--callback") == 0) { options.callback = 1; continue; }
    if (++i == argc) die(name, "needs a value");
    char* value = argv[i];
    if (strcmp(name, "--brokers") == 0) options.brokers = value;
    else if (strcmp(name, "--topic") == 0) options.topic = value;
    else if (strcmp(name, "--group") == 0) options.group = value;
    else if (strcmp(name, "--partitions") == 0) options.partitions = atol(value);
    else if (strcmp(name, "--payload") == 0) options.payload = value;
    else if (strcmp(name, "--records") == 0) options.records = atol(value);
    else if (strcmp(name, "--warm-up") == 0) options.warm_up = atol(value);
    else if (strcmp(name, "--size") == 0) options.size = atol(value);
    else if (strcmp(name, "--span") == 0) options.span = atol(value);
    else if (strcmp(name, "-X") == 0 && strchr(value, '=')) {
      char* equals = strchr(value, '=');
      *equals = '\0';
      set(conf, value, equals + 1);
    } else die(name, "not understood");
  }
  if (!options.brokers || !options.topic || options.size < 1 || options.span < 1 || options.partitions < 1 ||
      (!options.payload && !options.consume) || (options.group && options.callback))
    die("usage", "--brokers and --topic are needed, to produce --payload and --size too");
}

int main(int argc, char** argv) {
  char why[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  began_at = (double)nanoseconds() / 1e6;
  parse(argc, argv, conf);
  set(conf, "bootstrap.servers", options.brokers);
  struct rusage before, after;
  if (options.consume) {
    getrusage(RUSAGE_SELF, &before);
    const int64_t began = nanoseconds();
    rd_kafka_t* consumer = consume(conf);
    const double taken = (double)(nanoseconds() - began) / 1e9;
    getrusage(RUSAGE_SELF, &after);
    print_consumed(&before, &after, began, taken);
    if (!options.callback) rd_kafka_consumer_close(consumer);
    return 0;
  }
  read_payload();
  samples = malloc(samples_most * sizeof *samples);
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (!producer) die("rd_kafka_new", why);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(producer, options.topic, NULL);
  if (!topic) die("rd_kafka_topic_new", rd_kafka_err2str(rd_kafka_last_error()));

  work(topic, options.warm_up);
  if (failed) die("warm-up", failure);
  getrusage(RUSAGE_SELF, &before);
  const int64_t begin = nanoseconds();
  work(topic, options.records);
  const double elapsed = (double)(nanoseconds() - begin) / 1e9;
  getrusage(RUSAGE_SELF, &after);
  print(&before, &after, elapsed);
  if (failed || acknowledged != options.records) die("records failed", failure);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(producer);
  return 0;
}
