// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// pool gives the memory of consumed records to those that follow.
type pool struct {
	bytes, records sync.Pool
}

func (p *pool) GetDecompressBytes(compressed []byte, _ kgo.CompressionCodecType) []byte {
	if got, ok := p.bytes.Get().([]byte); ok {
		return got
	}
	return make([]byte, 0, 4*len(compressed))
}

func (p *pool) PutDecompressBytes(put []byte) { p.bytes.Put(put) }

func (p *pool) GetRecords(n int) []kgo.Record {
	if got, ok := p.records.Get().([]kgo.Record); ok && cap(got) >= n {
		return got
	}
	return make([]kgo.Record, 0, n)
}

func (p *pool) PutRecords(put []kgo.Record) { p.records.Put(put) }

func (o options) consumer() *kgo.Client {
	settings := []kgo.Opt{
		kgo.SeedBrokers(o.brokers), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMaxPartitionBytes(int32(o.fetchBytes)),
	}
	if o.group != "" {
		settings = append(settings, kgo.ConsumerGroup(o.group), kgo.ConsumeTopics(o.topic))
	} else {
		offsets := make(map[int32]kgo.Offset)
		for partition := range o.partitions {
			offsets[int32(partition)] = kgo.NewOffset().AtStart()
		}
		settings = append(settings, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{o.topic: offsets}))
	}
	if o.pools {
		settings = append(settings, kgo.WithPools(new(pool)))
	}
	client, err := kgo.NewClient(settings...)
	if err != nil {
		die("NewClient", err)
	}
	return client
}

// consume does with a record what kafka-bench consume does: counts it and its bytes, and looks at its value's last byte.
func consume(o options) {
	var before, after syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	begin := time.Now()
	client := o.consumer()
	records, bytes, checksum := 0, 0, uint64(0)
	var first time.Duration
	background := context.Background()
	for records < o.records {
		fetches := client.PollFetches(background)
		for _, failure := range fetches.Errors() {
			die("consume", failure.Err)
		}
		for _, fetch := range fetches {
			for _, topic := range fetch.Topics {
				for _, partition := range topic.Partitions {
					for _, record := range partition.Records {
						if records == o.records {
							break
						}
						records++
						bytes += len(record.Key) + len(record.Value)
						if length := len(record.Value); length > 0 {
							checksum += uint64(record.Value[length-1])
						}
						if o.pools {
							record.Recycle()
						}
					}
				}
			}
		}
		if first == 0 && records > 0 {
			first = time.Since(begin)
		}
	}
	elapsed := time.Since(begin).Seconds()
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	client.Close()
	user := seconds(after.Utime) - seconds(before.Utime)
	system := seconds(after.Stime) - seconds(before.Stime)
	line, _ := json.Marshal(map[string]any{
		"benchmark": "consume", "records": records, "failed": 0, "bytes": bytes, "seconds": elapsed,
		"records_per_second":              math.Round(float64(records) / elapsed),
		"megabytes_per_second":            float64(bytes) / 1e6 / elapsed,
		"cpu_user_seconds":                user,
		"cpu_system_seconds":              system,
		"cpu_seconds_per_million_records": (user + system) / float64(records) * 1e6,
		"peak_rss_kib":                    after.Maxrss,
		"first_record_ms":                 float64(first.Microseconds()) / 1e3,
		"checksum":                        checksum,
		"version":                         version(),
	})
	fmt.Println(string(line))
}
