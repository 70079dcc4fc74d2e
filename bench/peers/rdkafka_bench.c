// SPDX-License-Identifier: Apache-2.0
/* librdkafka doing what kafka-bench produce and latency do; one line of JSON with the same fields.
 * usage: rdkafka_bench produce|latency --brokers B --topic T --records N --warm-up N --size S --payload FILE
 *                      [--span N] [--borrow] [--first-ack] [-X key=value]... */
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
  long records, warm_up, size, span;
  int latency, first_ack, borrow;
} options = {.records = 1000000, .warm_up = 1000, .size = 100, .span = 1000};

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
  if (argc < 2) die("usage", "rdkafka_bench produce|latency ...");
  options.latency = strcmp(argv[1], "latency") == 0;
  for (int i = 2; i < argc; ++i) {
    const char* name = argv[i];
    if (strcmp(name, "--first-ack") == 0) { options.first_ack = 1; continue; }
    if (strcmp(name, "--borrow") == 0) { options.borrow = 1; continue; }
    if (++i == argc) die(name, "needs a value");
    char* value = argv[i];
    if (strcmp(name, "--brokers") == 0) options.brokers = value;
    else if (strcmp(name, "--topic") == 0) options.topic = value;
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
  if (!options.brokers || !options.topic || !options.payload || options.size < 1 || options.span < 1)
    die("usage", "--brokers, --topic, --payload and --size are needed");
}

int main(int argc, char** argv) {
  char why[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  began_at = (double)nanoseconds() / 1e6;
  parse(argc, argv, conf);
  read_payload();
  samples = malloc(samples_most * sizeof *samples);
  set(conf, "bootstrap.servers", options.brokers);
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (!producer) die("rd_kafka_new", why);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(producer, options.topic, NULL);
  if (!topic) die("rd_kafka_topic_new", rd_kafka_err2str(rd_kafka_last_error()));

  work(topic, options.warm_up);
  if (failed) die("warm-up", failure);
  struct rusage before, after;
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
