# SPDX-License-Identifier: GPL-2.0
#
# Columns of n panels: above until the start, below until the ack, all on the same
# axis. Panel p has the series from first[p] on.
stats data.'/start' using 1 nooutput
least = STATS_min
stats data.'/ack' using 1 nooutput
set xrange [least:STATS_max]
set logscale x
set format x seconds
set xtics 1e-9,10
set yrange [0:1.02]
set ytics 0.25
set format y '%.2f'
set ylabel 'share of samples'
set key bottom right reverse Left samplen 2 opaque
set multiplot layout 2,n title title."\n "
do for [p=1:n] {
	set title word(titles, p).': until the function starts'
	plot for [i=first[p]:first[p+1]-1] data.'/start' index i using 1:2 \
		with lines ls i-first[p]+1 title word(names, i+1)
}
do for [p=1:n] {
	set title word(titles, p).': until the caller knows'
	plot for [i=first[p]:first[p+1]-1] data.'/ack' index i using 1:2 \
		with lines ls i-first[p]+1 title word(names, i+1)
}
unset multiplot
