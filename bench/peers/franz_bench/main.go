// SPDX-License-Identifier: Apache-2.0

// franz_bench: franz-go doing what kafka-bench produce, latency and consume do; one line of JSON with the same fields.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const sampleEvery = 1000

var began = time.Now()

type options struct {
	brokers, topic, payload  string
	records, warmUp          int
	size, buffered, inFlight int
	batchBytes               int
	linger                   time.Duration
	idempotence, compression string
	acks                     string
	firstAck                 bool
	group                    string
	partitions               int
	pools                    bool
	fetchBytes               int
	gogc                     int
}

// sent is the key under which a sampled record's context holds when it was sent.
type sent struct{}

type run struct {
	options
	client       *kgo.Client
	values       []byte
	valueCount   int
	acknowledged atomic.Int64
	failed       atomic.Int64
	failure      atomic.Pointer[string]
	firstTold    atomic.Bool
	lock         sync.Mutex
	samples      []int64
}

func (r *run) note(record *kgo.Record, err error) {
	if err != nil {
		text := err.Error()
		r.failure.CompareAndSwap(nil, &text)
		r.failed.Add(1)
		return
	}
	r.acknowledged.Add(1)
	if r.firstAck && r.firstTold.CompareAndSwap(false, true) {
		fmt.Printf("first_ack %.3f\n", float64(time.Since(began).Microseconds())/1e3)
	}
	if at, ok := record.Context.Value(sent{}).(time.Time); ok {
		r.sample(time.Since(at))
	}
}

func (r *run) sample(taken time.Duration) {
	r.lock.Lock()
	r.samples = append(r.samples, taken.Nanoseconds())
	r.lock.Unlock()
}

func (r *run) value(index int) []byte {
	begin := index % r.valueCount * r.size
	return r.values[begin : begin+r.size]
}

func (r *run) produce(records int) {
	var all sync.WaitGroup
	all.Add(records)
	pool := sync.Pool{New: func() any { return new(kgo.Record) }}
	done := func(record *kgo.Record, err error) {
		r.note(record, err)
		*record = kgo.Record{}
		pool.Put(record)
		all.Done()
	}
	background := context.Background()
	for i := range records {
		record := pool.Get().(*kgo.Record)
		record.Topic = r.topic
		record.Value = r.value(i)
		if i%sampleEvery == 0 {
			record.Context = context.WithValue(background, sent{}, time.Now())
		}
		r.client.Produce(background, record, done)
	}
	all.Wait()
}

func (r *run) oneByOne(records int) {
	background := context.Background()
	for i := range records {
		before := time.Now()
		record := &kgo.Record{Topic: r.topic, Value: r.value(i), Context: background}
		err := r.client.ProduceSync(background, record).FirstErr()
		taken := time.Since(before)
		r.note(record, err)
		if err != nil {
			return
		}
		r.sample(taken)
	}
}

func (r *run) work(job string, records int) {
	r.acknowledged.Store(0)
	r.samples = r.samples[:0]
	if job == "latency" {
		r.oneByOne(records)
	} else {
		r.produce(records)
	}
}

func (r *run) percentile(share float64) float64 {
	if len(r.samples) == 0 {
		return 0
	}
	index := max(int(math.Ceil(share*float64(len(r.samples))))-1, 0)
	return float64(r.samples[index]) / 1e3
}

func seconds(time syscall.Timeval) float64 {
	return float64(time.Sec) + float64(time.Usec)/1e6
}

func (r *run) print(job string, before, after syscall.Rusage, elapsed float64) {
	records := float64(r.acknowledged.Load())
	user := seconds(after.Utime) - seconds(before.Utime)
	system := seconds(after.Stime) - seconds(before.Stime)
	slices.Sort(r.samples)
	line, _ := json.Marshal(map[string]any{
		"benchmark": job, "records": int64(records), "failed": r.failed.Load(),
		"bytes": int64(records) * int64(r.size), "seconds": elapsed,
		"records_per_second":              math.Round(records / elapsed),
		"megabytes_per_second":            records * float64(r.size) / 1e6 / elapsed,
		"cpu_user_seconds":                user,
		"cpu_system_seconds":              system,
		"cpu_seconds_per_million_records": (user + system) / max(records, 1) * 1e6,
		"peak_rss_kib":                    after.Maxrss,
		"latency_us": map[string]float64{"p50": r.percentile(0.5), "p95": r.percentile(0.95),
			"p99": r.percentile(0.99), "p999": r.percentile(0.999), "max": r.percentile(1)},
		"version": version(),
	})
	fmt.Println(string(line))
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "github.com/twmb/franz-go" {
				return module.Version
			}
		}
	}
	return ""
}

func die(what string, why any) {
	fmt.Fprintf(os.Stderr, "franz_bench: %s: %v\n", what, why)
	os.Exit(1)
}

func parse(arguments []string) options {
	var o options
	flags := flag.NewFlagSet("franz_bench produce|latency|consume", flag.ExitOnError)
	flags.StringVar(&o.brokers, "brokers", "127.0.0.1:9092", "host:port")
	flags.StringVar(&o.topic, "topic", "", "where to")
	flags.StringVar(&o.payload, "payload", "", "a file whose bytes are cut into values")
	flags.IntVar(&o.records, "records", 1_000_000, "how many are timed")
	flags.IntVar(&o.warmUp, "warm-up", 1000, "how many are acknowledged before that")
	flags.IntVar(&o.size, "size", 100, "bytes of a value")
	flags.IntVar(&o.buffered, "buffered", 200_000, "records that may wait")
	flags.IntVar(&o.inFlight, "in-flight", 5, "requests in flight; with idempotence always 5")
	flags.IntVar(&o.batchBytes, "batch-bytes", 1_000_000, "most bytes of a batch")
	flags.DurationVar(&o.linger, "linger", 20*time.Millisecond, "how long a batch waits")
	flags.StringVar(&o.idempotence, "idempotence", "on", "on or off")
	flags.StringVar(&o.compression, "compression", "none", "none, lz4 or zstd")
	flags.StringVar(&o.acks, "acks", "all", "all or 1")
	flags.IntVar(&o.gogc, "gogc", 800, "how much garbage is collected at once")
	flags.BoolVar(&o.firstAck, "first-ack", false, "tell of the first acknowledged record")
	flags.StringVar(&o.group, "group", "", "consume as a member of this group; without: partitions by hand")
	flags.IntVar(&o.partitions, "partitions", 1, "that the topic has")
	flags.BoolVar(&o.pools, "pools", false, "reuse the memory of consumed records")
	flags.IntVar(&o.fetchBytes, "partition-bytes", 1<<20, "that one fetch brings of a partition")
	_ = flags.Parse(arguments)
	return o
}

func (o options) client() *kgo.Client {
	settings := []kgo.Opt{
		kgo.SeedBrokers(o.brokers), kgo.ProducerLinger(o.linger), kgo.MaxBufferedRecords(o.buffered),
		kgo.ProducerBatchMaxBytes(int32(o.batchBytes)),
	}
	codec := map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "lz4": kgo.Lz4Compression(),
		"zstd": kgo.ZstdCompression()}[o.compression]
	settings = append(settings, kgo.ProducerBatchCompression(codec))
	if o.idempotence == "off" {
		settings = append(settings, kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(o.inFlight))
		if o.acks == "1" {
			settings = append(settings, kgo.RequiredAcks(kgo.LeaderAck()))
		}
	}
	client, err := kgo.NewClient(settings...)
	if err != nil {
		die("NewClient", err)
	}
	return client
}

func main() {
	if len(os.Args) < 2 || (os.Args[1] != "produce" && os.Args[1] != "latency" && os.Args[1] != "consume") {
		die("usage", "franz_bench produce|latency|consume [options]")
	}
	job := os.Args[1]
	r := run{options: parse(os.Args[2:])}
	debug.SetGCPercent(r.gogc)
	if job == "consume" {
		consume(r.options)
		return
	}
	values, err := os.ReadFile(r.payload)
	if err != nil || len(values) < r.size {
		die("payload", err)
	}
	r.values, r.valueCount = values, len(values)/r.size
	r.client = r.options.client()
	defer r.client.Close()

	r.work(job, r.warmUp)
	if failure := r.failure.Load(); failure != nil {
		die("warm-up", *failure)
	}
	var before, after syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	start := time.Now()
	r.work(job, r.records)
	elapsed := time.Since(start).Seconds()
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	r.print(job, before, after, elapsed)
	if failure := r.failure.Load(); failure != nil {
		die("records failed", *failure)
	}
}
