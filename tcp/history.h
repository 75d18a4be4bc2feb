/* SPDX-License-Identifier: BSD-2-Clause */
/* What a connection remembers of its past for hf_conn_info alone. */
#ifndef HF_TCP_HISTORY_H
#define HF_TCP_HISTORY_H

#include "tcp/tcb.h"

/** What holds sending back. Of several the last counts. */
typedef enum hf_limit {
	HF_LIMIT_NONE,   /**< nothing is queued or in flight */
	HF_LIMIT_BUSY,   /**< nothing but cwnd, or the time that things take */
	HF_LIMIT_WINDOW, /**< the peer's window */
	HF_LIMIT_BUFFER, /**< all is sent, and the application has more than there is room for */
	HF_LIMIT_COUNT
} hf_limit;

/** Made when something happens that it counts; a connection that only waits has none. */
typedef struct hf_history {
	uint32_t text_in, text_out; /**< segments with text */
	uint32_t early;             /**< segments that came ahead of a gap */
	uint32_t delivered;         /**< segments known to have arrived */
	uint32_t timeouts, timeout_recoveries;
	uint32_t refusals;     /**< segments that were not taken */
	hf_time refused_at;    /**< when the last of them came */
	hf_ns timeout_time;    /**< in time-out recoveries that are over */
	hf_time timed_out_at;  /**< since when one goes on; HF_NEVER: none */
	hf_time ack_at;        /**< when an ACK last came */
	uint64_t rate;         /**< of delivery, octets a second */
	bool rate_app_limited; /**< the application was its limit */
	uint8_t refused;       /**< hf_reason: why it was not */
	uint8_t limit;         /**< hf_limit, since ... */
	hf_time limit_since;
	hf_ns limited[HF_LIMIT_COUNT]; /**< time spent under each, before */
} hf_history;

/** The history, made if there is none. NULL: no memory, and it goes uncounted. */
hf_history *hf_history_of(hf_tcb *c, const hf_tcp_env *env);
/** Gives it back. */
void hf_history_release(hf_tcb *c, const hf_tcp_env *env);

/** A segment arrived, with an acknowledgement or text. */
void hf_history_arrived(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g);
/** A segment that arrived was not taken. */
void hf_history_refused(hf_tcb *c, const hf_tcp_env *env, hf_reason why);
/** `n` segments with text leave. */
void hf_history_left(hf_tcb *c, const hf_tcp_env *env, uint32_t n);
/** From now on this holds sending back. */
void hf_history_limit(hf_tcb *c, const hf_tcp_env *env, hf_limit limit);
/** What is it that holds sending back? */
void hf_history_judge(hf_tcb *c, const hf_tcp_env *env);
/** A retransmission time-out, the `first` in a row or not. */
void hf_history_timed_out(hf_tcb *c, const hf_tcp_env *env, bool first);
/** Something new was acknowledged: time-outs are over. */
void hf_history_progress(hf_tcb *c, const hf_tcp_env *env);
/** A sample of the delivery rate. */
void hf_history_rate(hf_tcb *c, const hf_tcp_env *env, const hf_rate_sample *sample);
/** Time spent in time-outs, up to now. */
hf_ns hf_history_timeout_time(const hf_history *h, hf_time now);
/** Time spent under a limit, up to now. */
hf_ns hf_history_spent(const hf_history *h, hf_limit limit, hf_time now);

#endif
