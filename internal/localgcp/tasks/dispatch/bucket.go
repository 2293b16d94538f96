package dispatch

import (
	"math"
	"time"
)

// bucket is a token bucket. Each dispatch takes a token; new ones come at the rate,
// times the pace, until the bucket is full.
type bucket struct {
	rate   float64 // tokens a second
	size   float64
	pace   float64 // 1 where nothing slows the queue
	tokens float64
	at     time.Time // when tokens was counted
}

func newBucket(rate float64, size int, now time.Time) bucket {
	return bucket{rate: rate, size: float64(size), pace: 1, tokens: float64(size), at: now}
}

// resize changes the rate and the size, and keeps what is in the bucket.
func (b *bucket) resize(rate float64, size int, now time.Time) {
	b.fill(now)
	b.rate, b.size = rate, float64(size)
	b.tokens = min(b.tokens, b.size)
}

func (b *bucket) setPace(pace float64, now time.Time) {
	b.fill(now)
	b.pace = pace
}

func (b *bucket) fill(now time.Time) {
	if elapsed := now.Sub(b.at); elapsed > 0 {
		b.tokens = min(b.size, b.tokens+elapsed.Seconds()*b.rate*b.pace)
		b.at = now
	}
}

// take takes a token, if there is one.
func (b *bucket) take(now time.Time) bool {
	b.fill(now)
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// ready is the time at which take succeeds; it may be past.
func (b *bucket) ready() time.Time {
	if b.tokens >= 1 {
		return b.at
	}
	missing := (1 - b.tokens) / (b.rate * b.pace) * float64(time.Second)
	if missing > math.MaxInt64/2 { // a rate that is hardly one
		missing = math.MaxInt64 / 2
	}
	return b.at.Add(time.Duration(math.Ceil(missing)) + 1) // 1 for what rounding lost
}
