// Eight schools, the effects as standard normals that are shifted and scaled.
data {
  int<lower=1> J;
  vector[J] y;
  vector<lower=0>[J] sigma;
}
parameters {
  vector[J] theta_trans;
  real mu;
  real<lower=0> tau;
}
transformed parameters {
  vector[J] theta = mu + tau * theta_trans;
}
model {
  target += normal_lpdf(mu | 0, 5) + cauchy_lpdf(tau | 0, 5);
  target += normal_lpdf(theta_trans | 0, 1) + normal_lpdf(y | theta, sigma);
}
