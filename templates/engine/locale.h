#pragma once
#include "templates/locale.h"
