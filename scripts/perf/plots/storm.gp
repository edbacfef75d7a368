# SPDX-License-Identifier: GPL-2.0
#
# Above what a trigger takes, below what becomes of it. A closed loop offers what
# it achieves: its points, if there are loops, stand alone.
open(is_closed, y) = int(is_closed) ? NaN : y
closed(is_closed, y) = int(is_closed) ? y : NaN
stats data.'/all' using 1 nooutput
set xrange [STATS_min/1.5:STATS_max*1.5]
set logscale x
set format x '%.0s%c/s'
set xlabel 'rate offered'
set key at screen 0.72, graph 1 left top reverse Left samplen 2
set lmargin at screen 0.11
set rmargin at screen 0.71
set multiplot layout 2,1 title title
set logscale y
set format y seconds
set ylabel 'latency'
plot data.'/all' using 1:(open($7,$4)) with lp ls 1 title 'median', \
	'' using 1:(open($7,$5)) with lp ls 2 title '99%', \
	'' using 1:(open($7,$6)) with lp ls 4 title 'worst', \
	'' using 1:(closed($7,$4)) with p ls 1 pt 6 ps 1.5 title loops ? 'closed loop: median' : '', \
	'' using 1:(closed($7,$5)) with p ls 2 pt 4 ps 1.5 title loops ? 'closed loop: 99%' : ''
unset logscale y
set format y '%g%%'
set yrange [0:105]
set ylabel 'share'
plot data.'/all' using 1:(open($7,$3)) with lp ls 3 title 'coalesced', \
	'' using 1:(open($7,100*$2/$1)) with lp ls 7 title 'achieved of offered', \
	'' using 1:(closed($7,$3)) with p ls 3 pt 8 ps 1.5 title loops ? 'closed loop: coalesced' : ''
unset multiplot
