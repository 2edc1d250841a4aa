// SPDX-License-Identifier: Apache-2.0

// The Go client of the NATS project: nats_go_client publish|receive|request|subscriptions --port N …
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
)

var given = map[string]string{}

func number(name string, otherwise int) int {
	if n, err := strconv.Atoi(given[name]); err == nil {
		return n
	}
	return otherwise
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "nats_go_client:", err)
		os.Exit(1)
	}
}

func dial() *nats.Conn {
	c, err := nats.Connect("nats://127.0.0.1:" + given["port"])
	must(err)
	return c
}

// A number of /proc/self/status.
func ofProcess(name string) int {
	status, err := os.Open("/proc/self/status")
	must(err)
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		if words := strings.Fields(lines.Text()); words[0] == name+":" {
			n, _ := strconv.Atoi(words[1])
			return n
		}
	}
	return 0
}

type stopwatch struct {
	wall  time.Time
	usage syscall.Rusage
}

func start() stopwatch {
	s := stopwatch{wall: time.Now()}
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &s.usage))
	return s
}

func seconds(later, earlier syscall.Timeval) float64 {
	return float64(later.Nano()-earlier.Nano()) / 1e9
}

func (s stopwatch) stop(what string, messages int, more map[string]any) {
	wall := time.Since(s.wall).Seconds()
	var now syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &now))
	user, sys := seconds(now.Utime, s.usage.Utime), seconds(now.Stime, s.usage.Stime)
	line := map[string]any{"what": "nats.go " + what, "messages": messages, "wall_s": wall, "cpu_s": user + sys,
		"user_s": user, "sys_s": sys, "rss_kib": ofProcess("VmRSS"), "anon_kib": ofProcess("RssAnon"),
		"threads": ofProcess("Threads")}
	for key, value := range more {
		line[key] = value
	}
	must(json.NewEncoder(os.Stdout).Encode(line))
}

func publish() {
	count, payload := number("count", 100000), []byte(strings.Repeat("x", number("size", 16)))
	c := dial()
	send := func(messages int) {
		for i := 0; i != messages; i++ {
			must(c.Publish("bench.data", payload))
		}
		must(c.Flush())
	}
	send(count / 10)
	watch := start()
	send(count)
	watch.stop("publish", count, nil)
}

func receive() {
	count, payload := number("count", 100000), []byte(strings.Repeat("x", number("size", 16)))
	form := given["form"]
	if form == "" {
		form = "plain"
	}
	c := dial()
	reached := make(chan bool)
	seen, wanted, bytes := 0, 0, 0
	sub, err := c.Subscribe("bench.data", func(m *nats.Msg) {
		bytes += len(m.Data)
		if seen++; seen == wanted {
			reached <- true
		}
	})
	must(err)
	must(sub.SetPendingLimits(-1, -1))
	take := func(messages int) {
		wanted += messages
		must(c.Publish(fmt.Sprintf("go.%d.first.%s", messages, form), payload))
		must(c.Flush())
		<-reached
	}
	take(count / 10)
	watch := start()
	take(count)
	watch.stop("receive", count, nil)
}

func request() {
	count, payload := number("count", 10000), []byte(strings.Repeat("x", number("size", 16)))
	c := dial()
	taken := make([]time.Duration, 0, count)
	ask := func(requests int) {
		for i := 0; i != requests; i++ {
			began := time.Now()
			_, err := c.Request("bench.echo", payload, 5*time.Second)
			must(err)
			taken = append(taken, time.Since(began))
		}
	}
	ask(count / 10)
	taken = taken[:0]
	watch := start()
	ask(count)
	sort.Slice(taken, func(i, j int) bool { return taken[i] < taken[j] })
	percentile := func(p int) float64 { return float64(taken[(len(taken)-1)*p/100].Nanoseconds()) / 1e3 }
	watch.stop("request", count, map[string]any{"p50_us": percentile(50), "p90_us": percentile(90), "p99_us": percentile(99)})
}

func subscriptions() {
	count := number("subscriptions", 1000)
	c := dial()
	must(c.Flush())
	before := ofProcess("RssAnon")
	watch := start()
	for i := 0; i != count; i++ {
		_, err := c.Subscribe(fmt.Sprintf("bench.s%d", i), func(*nats.Msg) {})
		must(err)
	}
	must(c.Flush())
	watch.stop("subscriptions", count, map[string]any{"added_kib": ofProcess("RssAnon") - before})
}

func main() {
	for i := 2; i+1 < len(os.Args); i += 2 {
		given[strings.TrimPrefix(os.Args[i], "--")] = os.Args[i+1]
	}
	scenarios := map[string]func(){"publish": publish, "receive": receive, "request": request, "subscriptions": subscriptions,
		"version": func() { fmt.Println(nats.Version) }}
	if len(os.Args) < 2 || scenarios[os.Args[1]] == nil {
		must(fmt.Errorf("usage: nats_go_client publish|receive|request|subscriptions|version --port N …"))
	}
	scenarios[os.Args[1]]()
}
