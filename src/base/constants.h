/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that more than one file needs. */
#ifndef DILATE_BASE_CONSTANTS_H
#define DILATE_BASE_CONSTANTS_H

#define LOG_2PI 1.8378770664093454836 /* log(2 pi) */

#endif
