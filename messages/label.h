#pragma once
#include "templates/label.h"
