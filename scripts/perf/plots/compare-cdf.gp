# SPDX-License-Identifier: GPL-2.0
#
# A panel for each of the n distributions, in columns; the picture is as high as it
# says.
set logscale x
set format x seconds
set yrange [0:1]
set ytics 0.25
set format y '%.2f'
set ylabel 'share of samples'
unset key
set label 1 '■ before' at screen 0.48, screen 1-80.0/height right tc ls 1
set label 2 '■ after' at screen 0.52, screen 1-80.0/height left tc ls 2
set multiplot layout (n+columns-1)/columns,columns title title."\n \n "
do for [i=0:n-1] {
	set title word(names, i+1)
	plot data.'/all' index i using 2:1 with lines ls 1, \
	     data.'/all' index i using 3:1 with lines ls 2 dt 2
	unset label
	unset ylabel
}
unset multiplot
