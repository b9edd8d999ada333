/* Money across two shards: transfer, settlement, refund, drain and end of a relation's quota.
 *
 * One giver (shard G), one receiver (shard P), one relation. Sizes are macros:
 *   NT transfers of NA attempts, NS settlements, NR refunds (SAME: of one settlement, in parts),
 *   ND drains, NE ends, NC crashes, K places a day, CUR0 the giver's balance, LOT0 quota granted
 *   before, MUT a planted mistake (README.md).
 *
 * Network: a request is a bit that stays set once sent, so it can be delivered at any later time, in any
 * order, or not yet (lost = delivered only by a repeat). An id known to the shard returns its entry and
 * changes nothing, so a duplicate is no step. A reply is the immutable entry, read at any later time or
 * never (drivers may time out at every step). A step that is EARLY changes nothing, so it is not executable.
 */
#ifndef NT
#define NT 0
#endif
#ifndef NA
#define NA 1
#endif
#ifndef NS
#define NS 0
#endif
#ifndef NR
#define NR 0
#endif
#ifndef ND
#define ND 0
#endif
#ifndef NE
#define NE 0
#endif
#ifndef NC
#define NC 1
#endif
#ifndef K
#define K 2
#endif
#ifndef CUR0
#define CUR0 3
#endif
#ifndef LOT0
#define LOT0 0
#endif
#ifndef MUT
#define MUT 0
#endif
#define TAMT(t) 1            /* amount of a transfer */
#define WANT(s) 2            /* what a bill asks of the quota */
#ifdef SAME                  /* all refunds for settlement 0, in parts of 1 */
#define TGT(r)  0
#define RAMT(r) 1
#else                        /* refund r for settlement r, in full */
#define TGT(r)  (r)
#define RAMT(r) 2
#endif

/* entry of an id on a shard */
#define NONE    0
#define APPLIED 1
#define REFUSED 2
#define TOMB    3
#define UNDECIDED_NO(e) ((e) == REFUSED || (e) == TOMB)
/* durable record of an operation in settlement's store */
#define OPEN    1
#define DONE    2
#define UNDONE  3
/* volatile driver: 0 not loaded */
#define FORWARD 1
#define DECIDE  2
#define FINISH  3
/* what a caller was told */
#define CHARGED 1
#define NEVER   2

#define TI (NT*NA+1)

/* shard G */
short cur = CUR0, grant = LOT0, clrG = 0;
byte  place[K];                       /* operation that holds the place, + 1 */
byte  F[TI], L[TI];                   /* freeze, release */
byte  SC[NS+1], RC[NR+1], DC[ND+1], EC[NE+1];   /* completions */
byte  nextG = 1;                      /* next number the grant accepts */
/* shard P */
short lot = LOT0, clrP = 0, prov = 0;
bool  closed = false;
byte  V[TI], SV[NS+1], RV[NR+1], DV[ND+1], EV[NE+1];
byte  take[NS+1], closedat[NR+1], out[ND+1], left[NE+1];
byte  numS[NS+1], numR[NR+1], numD[ND+1], numE[NE+1], nextP = 1;
/* network: requests sent */
bool sF[TI], sV[TI], dV[TI], dF[TI], sL[TI];
bool sSV[NS+1], dSV[NS+1], sSC[NS+1];
bool sRV[NR+1], dRV[NR+1], sRC[NR+1];
bool sDV[ND+1], dDV[ND+1], sDC[ND+1];
bool sEV[NE+1], sEC[NE+1];
/* settlement's store */
byte recT[NT+1], att[NT+1], recS[NS+1], recR[NR+1], recD[ND+1], recE[NE+1];
byte rest[NS+1], drawn[NR+1];
bool decR[NR+1];
/* volatile */
byte pcT[NT+1], pcS[NS+1], pcR[NR+1], pcD[ND+1], pcE[NE+1];
byte crashes;
/* a paused old driver per operation: attempts it may still send for */
byte oldT[NT+1];
bool oldS[NS+1], oldR[NR+1], oldD[ND+1], oldE[NE+1];
/* callers */
byte toldT[NT+1], toldS[NS+1], toldR[NR+1], toldD[ND+1];

hidden byte ii, kk, held;
hidden short fl, cf;

/* invariants, after every step of a shard or of the store */
inline check() {
   fl = 0; cf = 0; ii = 0;
   do
   :: ii < NT*NA -> fl = fl + (F[ii] == APPLIED && V[ii] != APPLIED && L[ii] != APPLIED -> TAMT(ii/NA) : 0);
      assert(!(V[ii] == APPLIED && L[ii] == APPLIED)); assert(!(V[ii] == APPLIED && F[ii] != APPLIED)); ii++
   :: else -> break
   od;
   ii = 0;
   do
   :: ii < NS -> if :: SV[ii] == APPLIED && SC[ii] != APPLIED -> fl = fl + take[ii]; cf = cf - take[ii] :: else fi; ii++
   :: else -> break
   od;
   ii = 0;
   do
   :: ii < NR ->
      if
      :: RV[ii] == APPLIED && RC[ii] != APPLIED -> cf = cf + drawn[ii]; fl = fl - (closedat[ii] -> 0 : drawn[ii])
      :: else
      fi;
      ii++
   :: else -> break
   od;
   ii = 0;
   do
   :: ii < ND -> fl = fl + (DV[ii] == APPLIED && DC[ii] != APPLIED -> out[ii] : 0); ii++
   :: else -> break
   od;
   ii = 0;
   do
   :: ii < NE -> fl = fl + (EV[ii] == APPLIED && EC[ii] != APPLIED -> left[ii] : 0); ii++
   :: else -> break
   od;
   assert(cur >= 0 && grant >= 0 && lot >= 0 && prov >= 0);
   assert(cur + grant + clrG + clrP + prov == CUR0 + LOT0);   /* (1) */
   assert(grant - lot == fl);                                  /* (2) */
   assert(clrG + clrP == cf);
   ii = 0;
   do                                                          /* (4), (3) */
   :: ii < NT ->
      held = 0; kk = 0;
      do :: kk < K -> held = held + (place[kk] == ii + 1); kk++ :: else -> break od;
      assert(held <= 1);
      assert(!(recT[ii] == UNDONE && held)); assert(!(recT[ii] == DONE && !held));
      kk = 0;
      do
      :: kk < NA -> assert(!(toldT[ii] == NEVER && V[ii*NA+kk] == APPLIED)); kk++
      :: else -> break
      od;
      assert(!(toldT[ii] == CHARGED && V[ii*NA+att[ii]] != APPLIED));
      ii++
   :: else -> break
   od;
   ii = 0;
   do
   :: ii < NS -> assert(!(toldS[ii] == NEVER && SV[ii] == APPLIED)); assert(!(toldS[ii] == CHARGED && SV[ii] != APPLIED)); ii++
   :: else -> break
   od;
   ii = 0;
   do
   :: ii < NR -> assert(!(toldR[ii] == NEVER && RV[ii] == APPLIED)); assert(!(toldR[ii] == CHARGED && RV[ii] != APPLIED)); ii++
   :: else -> break
   od;
   ii = 0;
   do
   :: ii < ND -> assert(!(toldD[ii] == NEVER && DV[ii] == APPLIED)); assert(!(toldD[ii] == CHARGED && DV[ii] != APPLIED)); ii++
   :: else -> break
   od;
   ii = 0; kk = 0; fl = 0; cf = 0; held = 0
}

/* A pivot that takes from the lot or puts back into it, other than a transfer's, takes the lot's next
 * number; the completions on the grant are booked in that order. One that is in turn finds enough, so
 * EARLY only ever means "not my turn": the assertions beside INTURN. */
#define NUMBER(n) n = nextP; nextP++
#if MUT == 6                  /* completions as they come */
#define INTURN(n) true
#define TURN()    skip
#else
#define INTURN(n) ((n) == nextG)
#define TURN()    nextG++
#endif

#if NT > 0
proctype ShardTransfer(byte t; byte i) {     /* i: id = (operation, attempt) */
end:
   do
   :: d_step { sF[i] && F[i] == NONE ->
         kk = 0;
         do :: kk < K && place[kk] != 0 -> kk++ :: else -> break od;
         if
         :: kk == K || cur < TAMT(t) -> F[i] = REFUSED
         :: else -> cur = cur - TAMT(t); grant = grant + TAMT(t); place[kk] = t + 1; F[i] = APPLIED
         fi; check() }
   :: d_step { dF[i] && F[i] == NONE -> F[i] = TOMB; check() }
   :: d_step { sL[i] && L[i] == NONE ->
         assert(grant >= TAMT(t)); grant = grant - TAMT(t); cur = cur + TAMT(t); L[i] = APPLIED; kk = 0;
         do :: kk < K -> if :: place[kk] == t + 1 -> place[kk] = 0 :: else fi; kk++ :: else -> break od;
         check() }
   :: d_step { sV[i] && V[i] == NONE ->
         if :: closed -> V[i] = REFUSED :: else -> lot = lot + TAMT(t); V[i] = APPLIED fi; check() }
   :: d_step { dV[i] && V[i] == NONE -> V[i] = TOMB; check() }
   od
}

#define A (t*NA+att[t])
#define NOTF (F[A] == REFUSED || F[A] == TOMB)
proctype Transfer(byte t) {
end:
   do
   /* request, or GetOperation before it */
   :: d_step { recT[t] == NONE -> recT[t] = OPEN; pcT[t] = FORWARD }
   :: d_step { recT[t] == NONE -> toldT[t] = NEVER;
#if MUT != 2
         recT[t] = UNDONE;
#endif
         check() }
   /* start after a crash: never start the pivot, decide */
   :: d_step { recT[t] == OPEN && pcT[t] == 0 -> pcT[t] = DECIDE }
   :: d_step { pcT[t] == FORWARD && !sF[A] -> sF[A] = true }
   :: d_step { pcT[t] == FORWARD && F[A] == APPLIED && !sV[A] -> sV[A] = true }
   :: d_step { pcT[t] == FORWARD && V[A] != APPLIED -> pcT[t] = DECIDE }      /* refusal, deadline, GetOperation */
   :: d_step { pcT[t] == DECIDE && V[A] == NONE && !dV[A] -> dV[A] = true }
#if MUT == 1                                                                 /* undo before the pivot is decided */
   :: d_step { pcT[t] == DECIDE && F[A] == APPLIED && !sL[A] -> sL[A] = true }
#endif
#if MUT == 3                                                                 /* freeze not decided when its reply was lost */
   :: d_step { pcT[t] == DECIDE && UNDECIDED_NO(V[A]) && F[A] == NONE -> recT[t] = UNDONE; pcT[t] = 0; check() }
#endif
   :: d_step { pcT[t] == DECIDE && UNDECIDED_NO(V[A]) && F[A] == NONE && !dF[A] -> dF[A] = true }
   :: d_step { pcT[t] == DECIDE && UNDECIDED_NO(V[A]) && F[A] == APPLIED && !sL[A] -> sL[A] = true }
   :: d_step { pcT[t] == DECIDE && UNDECIDED_NO(V[A]) && (NOTF || L[A] == APPLIED) -> recT[t] = UNDONE; pcT[t] = 0; check() }
   /* a stored refusal of the freeze decides: nobody sends its pivot, nothing is to be undone */
   :: d_step { pcT[t] && F[A] == REFUSED -> recT[t] = UNDONE; pcT[t] = 0; check() }
   :: d_step { pcT[t] == DECIDE && UNDECIDED_NO(V[A]) && (NOTF || L[A] == APPLIED) && att[t] + 1 < NA ->
         att[t] = att[t] + 1; pcT[t] = FORWARD; check() }
#if MUT == 4                                                                 /* GetOperation tells from the tombstone, not from the record */
   :: d_step { pcT[t] == DECIDE && V[A] == TOMB && !toldT[t] -> toldT[t] = NEVER; check() }
#endif
   :: d_step { pcT[t] && V[A] == APPLIED -> recT[t] = DONE; pcT[t] = 0; check() }
   /* answers */
   :: d_step { !toldT[t] && (recT[t] == DONE || pcT[t] && V[A] == APPLIED) -> toldT[t] = CHARGED; check() }
   :: d_step { !toldT[t] && recT[t] == UNDONE -> toldT[t] = NEVER; check() }
   /* crash or pause: the old driver lives on, fenced from the store */
   :: d_step { pcT[t] && crashes < NC -> crashes++; oldT[t] = oldT[t] | (1 << att[t]); pcT[t] = 0 }
   od
}

proctype OldTransfer(byte t; byte a; byte i) {
end:
   do
   :: d_step { (oldT[t] & (1 << a)) && !sF[i] -> sF[i] = true }
   :: d_step { (oldT[t] & (1 << a)) && F[i] == APPLIED && !sV[i] -> sV[i] = true }
   :: d_step { (oldT[t] & (1 << a)) && V[i] == NONE && !dV[i] -> dV[i] = true }
   :: d_step { (oldT[t] & (1 << a)) && UNDECIDED_NO(V[i]) && F[i] == NONE && !dF[i] -> dF[i] = true }
   :: d_step { (oldT[t] & (1 << a)) && UNDECIDED_NO(V[i]) && F[i] == APPLIED && !sL[i] -> sL[i] = true }
   od
}
#endif

#if NS > 0
proctype Settle(byte s) {
end:
   do
   /* shard P: the waterfall */
   :: d_step { sSV[s] && SV[s] == NONE ->
         take[s] = (closed -> 0 : (lot < WANT(s) -> lot : WANT(s)));
         if :: take[s] -> NUMBER(numS[s]) :: else fi;
         lot = lot - take[s]; clrP = clrP - take[s]; prov = prov + take[s]; SV[s] = APPLIED; check() }
   :: d_step { dSV[s] && SV[s] == NONE -> SV[s] = TOMB; check() }
   /* shard G: capture */
   :: d_step { sSC[s] && SC[s] == NONE && INTURN(numS[s]) ->
         assert(grant >= take[s]); grant = grant - take[s]; clrG = clrG + take[s]; SC[s] = APPLIED; TURN(); check() }
   /* driver */
   :: d_step { recS[s] == NONE -> recS[s] = OPEN; pcS[s] = FORWARD }
   :: d_step { recS[s] == NONE -> recS[s] = UNDONE; toldS[s] = NEVER; check() }
   :: d_step { recS[s] == OPEN && pcS[s] == 0 -> pcS[s] = DECIDE }
   :: d_step { pcS[s] == FORWARD && !sSV[s] -> sSV[s] = true }
   :: d_step { pcS[s] == FORWARD && SV[s] != APPLIED -> pcS[s] = DECIDE }
   :: d_step { pcS[s] == DECIDE && SV[s] == NONE && !dSV[s] -> dSV[s] = true }
   :: d_step { pcS[s] == DECIDE && UNDECIDED_NO(SV[s]) -> recS[s] = UNDONE; pcS[s] = 0; check() }
   :: d_step { (pcS[s] == FORWARD || pcS[s] == DECIDE) && SV[s] == APPLIED -> pcS[s] = FINISH }
   :: d_step { pcS[s] == FINISH && take[s] && !sSC[s] -> sSC[s] = true }
   :: d_step { pcS[s] == FINISH && (!take[s] || SC[s] == APPLIED) -> recS[s] = DONE; rest[s] = take[s]; pcS[s] = 0; check() }
   :: d_step { !toldS[s] && (recS[s] == DONE || pcS[s] == FINISH) -> toldS[s] = CHARGED; check() }
   :: d_step { !toldS[s] && recS[s] == UNDONE -> toldS[s] = NEVER; check() }
   :: d_step { pcS[s] && crashes < NC -> crashes++; oldS[s] = true; pcS[s] = 0 }
   /* the paused old driver */
   :: d_step { oldS[s] && !sSV[s] -> sSV[s] = true }
   :: d_step { oldS[s] && SV[s] == NONE && !dSV[s] -> dSV[s] = true }
   :: d_step { oldS[s] && SV[s] == APPLIED && take[s] && !sSC[s] -> sSC[s] = true }
   od
}
#endif

#if NR > 0
/* what is left to refund of settlement s: its take less what refunds have drawn (row of the store) */
#define Z TGT(r)
inline left_of(s) {
   fl = take[s]; kk = 0; held = 0;
   do
   :: kk < NR ->
      if
      :: TGT(kk) == s -> fl = fl - drawn[kk]; held = held + (recR[kk] == OPEN && !decR[kk])
      :: else
      fi;
      kk++
   :: else -> break
   od;
   assert(fl >= 0)                        /* never more than was charged */
}
/* the bucket of origin is known once the capture's answer is recorded */
#define MAYCOMPLETE (recS[Z] == DONE)
proctype Refund(byte r) {
end:
   do
   /* shard P */
   :: d_step { sRV[r] && RV[r] == NONE ->
         prov = prov - drawn[r]; clrP = clrP + drawn[r];
         if :: closed -> closedat[r] = 1 :: else -> lot = lot + drawn[r]; NUMBER(numR[r]) fi;
         RV[r] = APPLIED; check() }
   :: d_step { dRV[r] && RV[r] == NONE -> RV[r] = TOMB; check() }
   /* shard G */
   :: d_step { sRC[r] && RC[r] == NONE && (closedat[r] || INTURN(numR[r])) ->
         clrG = clrG - drawn[r];
         if :: closedat[r] -> cur = cur + drawn[r] :: else -> grant = grant + drawn[r]; TURN() fi;
         RC[r] = APPLIED; check() }
   /* driver: the settlement was told charged; the rest is drawn with the intent */
   :: d_step { recR[r] == NONE && toldS[Z] == CHARGED && take[Z] ->
         left_of(Z);
         if
         :: held || fl == 0 -> recR[r] = UNDONE; toldR[r] = NEVER
         :: else -> drawn[r] = (fl < RAMT(r) -> fl : RAMT(r)); recR[r] = OPEN; pcR[r] = FORWARD
         fi;
         fl = 0; kk = 0; held = 0; check() }
   :: d_step { recR[r] == NONE -> recR[r] = UNDONE; toldR[r] = NEVER; check() }
   :: d_step { recR[r] == OPEN && pcR[r] == 0 -> pcR[r] = DECIDE }
   :: d_step { pcR[r] == FORWARD && !sRV[r] -> sRV[r] = true }
   :: d_step { pcR[r] == FORWARD && RV[r] != APPLIED -> pcR[r] = DECIDE }
   :: d_step { pcR[r] == DECIDE && RV[r] == NONE && !dRV[r] -> dRV[r] = true }
   :: d_step { pcR[r] == DECIDE && UNDECIDED_NO(RV[r]) -> recR[r] = UNDONE; drawn[r] = 0; pcR[r] = 0; check() }
   :: d_step { (pcR[r] == FORWARD || pcR[r] == DECIDE) && RV[r] == APPLIED -> pcR[r] = FINISH; decR[r] = true }
   /* its completion is computed once the capture's answer is recorded */
   :: d_step { pcR[r] == FINISH && MAYCOMPLETE && !sRC[r] -> sRC[r] = true }
   :: d_step { pcR[r] == FINISH && RC[r] == APPLIED -> recR[r] = DONE; pcR[r] = 0; check() }
   :: d_step { !toldR[r] && (recR[r] == DONE || pcR[r] == FINISH) -> toldR[r] = CHARGED; check() }
   :: d_step { !toldR[r] && recR[r] == UNDONE -> toldR[r] = NEVER; check() }
   :: d_step { pcR[r] && crashes < NC -> crashes++; oldR[r] = true; pcR[r] = 0 }
   :: d_step { oldR[r] && !sRV[r] -> sRV[r] = true }
   :: d_step { oldR[r] && RV[r] == NONE && !dRV[r] -> dRV[r] = true }
   :: d_step { oldR[r] && RV[r] == APPLIED && MAYCOMPLETE && !sRC[r] -> sRC[r] = true }
   od
}
#endif

#if ND > 0
/* One side takes back what is left while the relation goes on (lowering = drain + new transfer). It has a
 * caller and his decide_by, so its pivot may be decided never; the lot stays open. */
proctype Drain(byte d) {
end:
   do
   /* shard P */
   :: d_step { sDV[d] && DV[d] == NONE ->
         if
         :: closed -> DV[d] = REFUSED                       /* the relation has ended: its end returns all */
         :: else -> out[d] = lot; lot = 0; DV[d] = APPLIED;
#if MUT == 7                                                 /* a drain is no numbered pivot */
#elif MUT == 8                                               /* a drain closes the lot as an end does */
            closed = true; if :: out[d] -> NUMBER(numD[d]) :: else fi
#else
            if :: out[d] -> NUMBER(numD[d]) :: else fi
#endif
         fi; check() }
   :: d_step { dDV[d] && DV[d] == NONE -> DV[d] = TOMB; check() }
   /* shard G */
#if MUT == 7
   :: d_step { sDC[d] && DC[d] == NONE && grant >= out[d] ->
         grant = grant - out[d]; cur = cur + out[d]; DC[d] = APPLIED; check() }
#else
   :: d_step { sDC[d] && DC[d] == NONE && INTURN(numD[d]) ->
         assert(grant >= out[d]); grant = grant - out[d]; cur = cur + out[d]; DC[d] = APPLIED; TURN(); check() }
#endif
   /* driver */
   :: d_step { recD[d] == NONE -> recD[d] = OPEN; pcD[d] = FORWARD }
   :: d_step { recD[d] == NONE -> recD[d] = UNDONE; toldD[d] = NEVER; check() }
#if MUT == 9                                                 /* after a crash nobody asks what became of the pivot */
   :: d_step { recD[d] == OPEN && pcD[d] == 0 -> recD[d] = UNDONE; check() }
#else
   :: d_step { recD[d] == OPEN && pcD[d] == 0 -> pcD[d] = DECIDE }
#endif
   :: d_step { pcD[d] == FORWARD && !sDV[d] -> sDV[d] = true }
   :: d_step { pcD[d] == FORWARD && DV[d] != APPLIED -> pcD[d] = DECIDE }
   :: d_step { pcD[d] == DECIDE && DV[d] == NONE && !dDV[d] -> dDV[d] = true }
   :: d_step { pcD[d] == DECIDE && UNDECIDED_NO(DV[d]) -> recD[d] = UNDONE; pcD[d] = 0; check() }
   :: d_step { (pcD[d] == FORWARD || pcD[d] == DECIDE) && DV[d] == APPLIED -> pcD[d] = FINISH }
   :: d_step { pcD[d] == FINISH && out[d] && !sDC[d] -> sDC[d] = true }
   :: d_step { pcD[d] == FINISH && (!out[d] || DC[d] == APPLIED) -> recD[d] = DONE; pcD[d] = 0; check() }
   :: d_step { !toldD[d] && (recD[d] == DONE || pcD[d] == FINISH) -> toldD[d] = CHARGED; check() }
   :: d_step { !toldD[d] && recD[d] == UNDONE -> toldD[d] = NEVER; check() }
   :: d_step { pcD[d] && crashes < NC -> crashes++; oldD[d] = true; pcD[d] = 0 }
   /* the paused old driver */
   :: d_step { oldD[d] && !sDV[d] -> sDV[d] = true }
   :: d_step { oldD[d] && DV[d] == NONE && !dDV[d] -> dDV[d] = true }
   :: d_step { oldD[d] && DV[d] == APPLIED && out[d] && !sDC[d] -> sDC[d] = true }
   od
}
#endif

#if NE > 0
proctype End(byte e) {
end:
   do
   /* shard P */
   :: d_step { sEV[e] && EV[e] == NONE ->
         left[e] = lot; lot = 0; closed = true; EV[e] = APPLIED;
         if :: left[e] -> NUMBER(numE[e]) :: else fi; check() }
   /* shard G */
   :: d_step { sEC[e] && EC[e] == NONE && INTURN(numE[e]) ->
         assert(grant >= left[e]); grant = grant - left[e]; cur = cur + left[e]; EC[e] = APPLIED; TURN(); check() }
#if MUT == 5                                                                 /* an end is decided after a crash, like a caller's operation */
   :: d_step { recE[e] == OPEN && pcE[e] == 0 -> pcE[e] = DECIDE }
   :: d_step { pcE[e] == DECIDE && EV[e] == NONE -> EV[e] = TOMB; recE[e] = UNDONE; pcE[e] = 0 }
   :: d_step { pcE[e] == DECIDE && EV[e] == APPLIED -> pcE[e] = FORWARD }
#else                                                                       /* nobody's deadline: the pivot is sent again after a crash */
   :: d_step { recE[e] == OPEN && pcE[e] == 0 -> pcE[e] = FORWARD }
#endif
   /* driver */
   :: d_step { recE[e] == NONE -> recE[e] = OPEN; pcE[e] = FORWARD }
   :: d_step { recE[e] == NONE -> recE[e] = UNDONE }                       /* the relation goes on */
   :: d_step { pcE[e] == FORWARD && !sEV[e] -> sEV[e] = true }
   :: d_step { pcE[e] == FORWARD && EV[e] == APPLIED && left[e] && !sEC[e] -> sEC[e] = true }
   :: d_step { pcE[e] == FORWARD && EV[e] == APPLIED && (!left[e] || EC[e] == APPLIED) -> recE[e] = DONE; pcE[e] = 0; check() }
   :: d_step { pcE[e] && crashes < NC -> crashes++; oldE[e] = true; pcE[e] = 0 }
   :: d_step { oldE[e] && !sEV[e] -> sEV[e] = true }
   :: d_step { oldE[e] && EV[e] == APPLIED && left[e] && !sEC[e] -> sEC[e] = true }
   od
}
#endif

/* nothing can happen any more: every operation is finished, every caller told, nothing in flight */
proctype Quiet() {
   timeout ->
   d_step {
      ii = 0;
      do :: ii < NT -> assert(recT[ii] == DONE || recT[ii] == UNDONE); assert(toldT[ii]); assert((toldT[ii] == CHARGED) == (recT[ii] == DONE)); ii++ :: else -> break od;
      ii = 0;
      do :: ii < NS -> assert(recS[ii] == DONE || recS[ii] == UNDONE); assert(toldS[ii]); assert((toldS[ii] == CHARGED) == (recS[ii] == DONE)); ii++ :: else -> break od;
      ii = 0;
      do :: ii < NR -> assert(recR[ii] == DONE || recR[ii] == UNDONE); assert(toldR[ii]); assert((toldR[ii] == CHARGED) == (recR[ii] == DONE)); ii++ :: else -> break od;
      ii = 0;
      do :: ii < ND -> assert(recD[ii] == DONE || recD[ii] == UNDONE); assert(toldD[ii]); assert((toldD[ii] == CHARGED) == (recD[ii] == DONE)); ii++ :: else -> break od;
      ii = 0; held = 0;
      do :: ii < NE -> assert(recE[ii] == DONE || recE[ii] == UNDONE); assert(EV[ii] != TOMB); held = held | (recE[ii] == DONE); ii++ :: else -> break od;
      assert(grant == lot);                                       /* (2) */
      assert(!held || (grant == 0 && lot == 0 && closed));        /* (5) */
      assert(held || !closed);                                    /* only an end closes */
      assert(clrG + clrP == 0);
      ii = 0; held = 0
   }
}

init {
   atomic {
      ii = 0;
#if NT > 0
      do
      :: ii < NT -> run Transfer(ii); kk = 0;
         do
         :: kk < NA -> run ShardTransfer(ii, ii*NA+kk); run OldTransfer(ii, kk, ii*NA+kk); kk++
         :: else -> break
         od; ii++
      :: else -> break
      od; ii = 0; kk = 0;
#endif
#if NS > 0
      do :: ii < NS -> run Settle(ii); ii++ :: else -> break od; ii = 0;
#endif
#if NR > 0
      do :: ii < NR -> run Refund(ii); ii++ :: else -> break od; ii = 0;
#endif
#if ND > 0
      do :: ii < ND -> run Drain(ii); ii++ :: else -> break od; ii = 0;
#endif
#if NE > 0
      do :: ii < NE -> run End(ii); ii++ :: else -> break od; ii = 0;
#endif
      run Quiet()
   }
}
